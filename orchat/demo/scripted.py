"""The scripted model: it does what the question says, line by line, so that an agent can be tried without luck.

Where the question has no such line, the instructions (the system prompt) may have them.

`call NAME {json}` calls a tool (`&&` between calls makes them at once), `think TEXT` reasons before the next line,
`say TEXT` answers. Each `call` line is a step of its own: the next one comes when its tools have answered. What the
script does not say at the end is a summary of what the tools returned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orchat.demo.prompt import Message, Prompt, text_of
from orchat.demo.tool_calls import ToolCall

SCRIPTED = "demo/script"
_EXCERPT = 400
_CALL = re.compile(r"\s*(?P<name>[\w-]+)\s*(?P<arguments>\{.*\})?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a script: the calls of a step, or what is said."""

    calls: tuple[ToolCall, ...] = ()
    text: str = ""
    reasoning: str = ""


def scripted_line(prompt: Prompt) -> Line:
    """The line that is due: as many steps are over as the model has answered since the question."""
    done, results = _since_the_question(prompt.messages)
    lines = _lines(prompt.question) or _lines(prompt.system)
    if done < len(lines):
        return lines[done]
    found = "\n\n".join(f"> {text_of(result)[:_EXCERPT]}" for result in results)
    return Line(text=f"*Simulated reply.* The tools returned:\n\n{found}" if found else "*Simulated reply.* Done.")


def _since_the_question(messages: Sequence[Message]) -> tuple[int, list[Message]]:
    asked = max((at for at, message in enumerate(messages) if message.get("role") == "user"), default=-1)
    after = messages[asked + 1 :]
    answers = sum(message.get("role") == "assistant" for message in after)
    return answers, [message for message in after if message.get("role") == "tool"]


def _lines(script: str) -> list[Line]:
    lines: list[Line] = []
    reasoning = ""
    for number, line in enumerate(script.splitlines()):
        order, _, rest = line.strip().partition(" ")
        if order == "think":
            reasoning = rest
        elif order == "call":
            calls = tuple(_call(part, number, place) for place, part in enumerate(rest.split("&&")))
            lines.append(Line(calls, reasoning=reasoning))
            reasoning = ""
        elif order == "say":
            lines.append(Line(text=rest, reasoning=reasoning))
            reasoning = ""
    return lines


def _call(text: str, number: int, place: int) -> ToolCall:
    found = _CALL.fullmatch(text)
    name, arguments = (found["name"], found["arguments"] or "{}") if found else (text.strip(), "{}")
    # Broken JSON goes out as it stands: models write it too.
    return ToolCall(f"call_{number}_{place}_{name}"[:40], name, _compact(arguments))


def _compact(arguments: str) -> str:
    try:
        value: Any = json.loads(arguments)
    except ValueError:
        return arguments
    return json.dumps(value, ensure_ascii=False)
