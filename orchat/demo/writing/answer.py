"""The Markdown that answers a prompt: which kind of text, and what goes around it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from orchat.demo.kinds import Kind, capitalised, kind_of, topic_of
from orchat.demo.prompt import Prompt, text_of
from orchat.demo.writing.cited import write_cited
from orchat.demo.writing.code import write_code
from orchat.demo.writing.comparison import write_comparison
from orchat.demo.writing.long import write_long_answer
from orchat.demo.writing.maths import write_maths
from orchat.demo.writing.prose import write_conversation, write_explanation, write_greeting, write_piece
from orchat.demo.writing.starters import find_starter

Writer = Callable[[str, Random], str]

_WRITERS: dict[Kind, Writer] = {
    "greeting": write_greeting,
    "code": write_code,
    "comparison": write_comparison,
    "maths": write_maths,
    "writing": write_piece,
    "explanation": write_explanation,
    "conversation": write_conversation,
}
_LONGEST_RESULT = 1500


def write_answer(prompt: Prompt, model_id: str, model_name: str) -> str:
    """A whole answer; its first line says that it is simulated."""
    if model_id == "demo/long":
        return write_long_answer(prompt.question)
    parts = [f"*Simulated reply: {model_name.rpartition(': ')[2]} was not asked.*", *_about_attachments(prompt)]
    if cited := write_cited(prompt.question, prompt.excerpts):
        parts.append(cited)
    elif prompt.tool_results:
        parts.append(_from_tool_results(prompt))
    else:
        starter = find_starter(prompt.question)
        parts.append(starter.answer if starter else _made_up(prompt))
        parts += _about_earlier(prompt)
    return "\n\n".join(parts)


def _made_up(prompt: Prompt) -> str:
    write = _WRITERS[kind_of(prompt.question)]
    return write(prompt.question, prompt.random())


def _about_attachments(prompt: Prompt) -> list[str]:
    lines = []
    for part in prompt.attachments:
        kind = str(part.get("type"))
        if kind == "image_url":
            url = str((part.get("image_url") or {}).get("url", ""))
            what = f"an image ({_size_of(url)})"
        elif kind == "file":
            what = f"the file **{(part.get('file') or {}).get('filename', 'without a name')}**"
        elif kind == "input_audio":
            sound = part.get("input_audio") or {}
            what = f"a recording ({sound.get('format')}, about {_kilobytes(str(sound.get('data')))} KB)"
        else:
            what = f"an attachment of type `{kind}`"
        lines.append(f"- You sent {what}.")
    return ["\n".join(lines)] if lines else []


def _size_of(url: str) -> str:
    if not url.startswith("data:"):
        return "by its address"
    header, _, data = url.partition(",")
    return f"{header.removeprefix('data:').partition(';')[0]}, about {_kilobytes(data)} KB"


def _kilobytes(data: str) -> int:
    """How many a Base64 text stands for."""
    return max(1, len(data) * 3 // 4 // 1024)


def _about_earlier(prompt: Prompt) -> list[str]:
    if not prompt.earlier_questions:
        return []
    topic = topic_of(prompt.earlier_questions[-1])
    return [f"> Before this you asked about *{topic}*. Say so if I should connect the two."]


def _from_tool_results(prompt: Prompt) -> str:
    names = {
        call.get("id"): (call.get("function") or {}).get("name", "tool")
        for message in prompt.messages
        for call in message.get("tool_calls") or []
    }
    sections = [f"## {capitalised(topic_of(prompt.question))}"]
    for result in prompt.tool_results:
        name = result.get("name") or names.get(result.get("tool_call_id")) or "tool"
        sections.append(f"The tool `{name}` answered:\n\n{_quoted(text_of(result))}")
    sections.append("That is the result that I would build an answer on.")
    return "\n\n".join(sections)


def _quoted(result: str) -> str:
    shown = result.strip()[:_LONGEST_RESULT] or "(nothing)"
    if "\n" not in shown and len(shown) <= 200:
        return f"> {shown}"
    fence = "````" if "```" in shown else "```"
    return f"{fence}text\n{shown}\n{fence}"
