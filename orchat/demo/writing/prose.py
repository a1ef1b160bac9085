"""Greetings, explanations, pieces of writing, and plain conversation."""

from __future__ import annotations

import re
from random import Random

from orchat.demo.kinds import capitalised, first_sentence, topic_of


def write_greeting(question: str, random: Random) -> str:
    """A friendly line, and what can be tried here."""
    word = random.choice(("Hello", "Hi there", "Good to see you"))
    thanks = "You are welcome!" if "thank" in question.lower() else f"{word}! 👋"
    return f"""\
{thanks} I am a simulated model, so nothing that you write leaves this computer. A few things to try:

- **Code:** *Write a Python function for the Fibonacci numbers*
- **A table:** *Compare SQLite and PostgreSQL*
- **Mathematics:** *Calculate 17 \\* 23 + 4*
- **Reasoning:** pick a model that thinks, and ask it to explain something
- **Trouble:** the models called *Demo: …* fail in every way that a real one can"""


def write_explanation(question: str, random: Random) -> str:
    """The idea, its parts, an example, now and then a diagram."""
    topic = topic_of(question)
    image = random.choice(("a library with a good catalogue", "a kitchen with a single cook", "a relay race"))
    diagram = _DIAGRAM.format(topic=topic.replace('"', "'")) if random.random() < 0.5 else ""
    return f"""\
## {capitalised(topic)}

**In one sentence:** {topic} is easiest to understand by what goes in, what comes out, and what is kept in between.

### An image

Think of {image}. Everybody can ask, but the work is done in one place and in a known order.

### The parts

1. **What goes in.** Some input, and a reason for it.
2. **What happens.** A few small steps, each of which can be checked.
3. **What comes out.** A result, and a note of what it cost.
{diagram}
### What people get wrong

- They begin with the exceptions instead of the rule.
- They take the *name* of a thing for its explanation.
- They forget that ~~nothing~~ little works the first time.

Shall I go deeper into one of the parts?"""


_DIAGRAM = """
```mermaid
sequenceDiagram
    participant You
    participant It as {topic}
    You->>It: a question
    It-->>It: a few small steps
    It-->>You: an answer, and what it cost
```
"""


def write_piece(question: str, random: Random) -> str:
    """An e-mail, a poem, or a short text."""
    topic = _subject_of(question)
    if re.search(r"\b(poem|haiku|verse)\b", question, re.IGNORECASE):
        return _poem(topic, random)
    if re.search(r"\b(e-?mail|letter|invite)\b", question, re.IGNORECASE):
        return _letter(topic, random)
    return _story(topic, random)


def _subject_of(question: str) -> str:
    """What a piece is to be about, with its article; “e-mail to Ann about the rent” is about the rent."""
    subject = re.search(r"\b(?:about|on)\s+(.+)", first_sentence(question), re.IGNORECASE)
    if subject:
        return subject[1].strip(" .?!:;,\"'")
    topic = re.sub(r"^(?:poem|haiku|story|e-?mail|letter|essay|text|post)\b\s*", "", topic_of(question))
    return topic or "a quiet morning"


def _poem(topic: str, random: Random) -> str:
    last = random.choice(("and the day goes on.", "and nobody is late.", "and the kettle sings."))
    return f"""\
### {capitalised(topic)}

> A page is open, white and wide,\\
> with {topic} on the other side;\\
> the cursor blinks, the words begin,\\
> a little light comes creeping in,\\
> {last}"""


def _letter(topic: str, random: Random) -> str:
    greeting = random.choice(("Dear all", "Hello everybody", "Dear team"))
    return f"""\
**Subject:** {capitalised(topic)}

{greeting},

a short note about {topic}. Three things matter:

1. **What:** {topic}, in the form that we agreed on.
2. **When:** by the end of next week.
3. **Who:** everybody who has read this far.

Please answer by Thursday, even if the answer is “not yet”.

Kind regards,\\
*your name*"""


def _story(topic: str, random: Random) -> str:
    name, place = random.choice((("Mira", "the harbour"), ("Jonas", "the night train"), ("Ada", "the old library")))
    return f"""\
## {capitalised(topic)}

{name} had never given much thought to {topic}, until one evening at {place} somebody asked, “And what would *you* do?”

It was a fair question. {name} looked for an answer in the usual places, found none, and wrote one:

> Begin with what you can hold in your hand. The rest will follow, or it was not needed.

The next morning it still looked right. That is rare, and so {name} kept it.

---

*Shorter, longer, or in another tone? Say which.*"""


def write_conversation(question: str, random: Random) -> str:
    """A short answer with a few points."""
    topic = topic_of(question)
    opening = random.choice(("That is a good point.", "Let us look at that.", "Gladly."))
    return f"""\
{opening} You wrote about **{topic}**. Three thoughts:

- What would a good result look like? One sentence is enough.
- What have you tried, and what was missing?
- What is the smallest next step?

If you want, ask me to *explain*, *compare* or *calculate* something, or for a piece of code."""
