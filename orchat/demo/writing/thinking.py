"""What a simulated reasoning model thinks aloud before it answers."""

from __future__ import annotations

from orchat.demo.kinds import Kind, kind_of, topic_of
from orchat.demo.prompt import Prompt

_PLANS: dict[Kind, str] = {
    "greeting": "It is a greeting. A friendly line and a hint at what can be tried are enough.",
    "code": "They want code. I should pick the language they named, keep the function small, and show how to call it.",
    "comparison": "A comparison reads best as a table: the same criteria for both sides, then a recommendation.",
    "maths": "This is mathematics. I will write the steps down in order and check the result at the end.",
    "writing": "This is a piece of writing. The tone matters most, then a clear beginning and a short ending.",
    "explanation": "They want to understand. First the idea in one sentence, then the parts, then an example.",
    "conversation": "There is no special form asked for. A short, direct answer with a few points will do.",
}
_DOUBTS = (
    "Could they have meant something else? The wording is clear enough, so I will not ask back.",
    "I could go into more depth, but a first answer should be short enough to be read.",
    "Let me check that I do not promise anything that I cannot know.",
    "An example would help more than another definition.",
)


def write_reasoning(prompt: Prompt) -> str:
    """A few sentences on how to go about the answer, the same for the same conversation."""
    question = prompt.question
    parts = [f"The user is asking about {topic_of(question)}."]
    if prompt.tool_results:
        parts.append("The tool has answered. I should use its result and say where it came from.")
    else:
        parts.append(_PLANS[kind_of(question)])
    if prompt.earlier_questions:
        parts.append(f"Earlier it was about {topic_of(prompt.earlier_questions[-1])}; the answer should fit to that.")
    parts += prompt.random().sample(_DOUBTS, 2)
    parts.append("I am a simulated model, so I should say so. Now I can answer.")
    return " ".join(parts)
