"""Which of the offered tools a simulated model calls, and with what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchat.demo.prompt import Prompt, words_of
from orchat.demo.schema_values import SchemaValues

_MOST_CALLS = 3
_SMALL_WORDS = frozenset(
    words_of(
        """
    a an the of in on at to for from with by and or is are be it its this that these those you your i me my we do
    does can will would should what which who when where how why use used using get gets give given return returns
    tool function call when then if any all one some not no as about into run user users result results text
    question
    """
    )
)
# What people say when they mean a tool, by a word of the tool's name.
_ASSOCIATIONS = {
    "code": "python calculate compute plot chart simulate execute average sum standard deviation statistics",
    "python": "calculate compute plot chart graph simulate execute average median sum deviation statistics csv",
    "interpreter": "python calculate compute plot chart simulate execute average sum",
    "calculator": "calculate compute add multiply divide plus times percent",
    "search": "search find look lookup latest news",
    "file": "file files document documents handbook report pdf manual policy notes uploaded passage",
    "files": "file document documents handbook report pdf manual policy notes uploaded passage",
    "weather": "weather rain temperature sunny forecast umbrella",
    "time": "time clock hour date today",
    "datetime": "time clock hour date today",
}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call, as it goes out: the arguments are JSON text."""

    id: str
    name: str
    arguments: str

    def to_json(self) -> dict[str, Any]:
        """The call as part of an assistant message."""
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


def choose_tool_calls(prompt: Prompt, tool_choice: Any, *, parallel: bool) -> tuple[ToolCall, ...]:
    """The calls for a prompt, none when no tool suits it or the tools have answered already."""
    functions = [tool["function"] for tool in prompt.tools if isinstance(tool.get("function"), Mapping)]
    if not functions or tool_choice == "none":
        return ()
    chosen = _demanded(functions, tool_choice, prompt)
    if not chosen and not prompt.tool_results:
        chosen = _suitable(functions, prompt.question)
    chosen = chosen[: _MOST_CALLS if parallel else 1]
    return tuple(_call(function, prompt) for function in chosen)


def _demanded(functions: list[Mapping[str, Any]], tool_choice: Any, prompt: Prompt) -> list[Mapping[str, Any]]:
    if isinstance(tool_choice, Mapping):
        name = (tool_choice.get("function") or {}).get("name")
        return [function for function in functions if function.get("name") == name]
    if tool_choice != "required":
        return []
    # With calls demanded for ever, go on to a tool that was not called yet, as a loop needs to come to its end.
    done = {call["function"]["name"] for message in prompt.messages for call in message.get("tool_calls") or ()}
    fresh = [function for function in functions if function.get("name") not in done] or functions
    return (_suitable(fresh, prompt.question) or fresh)[:1]


def _suitable(functions: list[Mapping[str, Any]], question: str) -> list[Mapping[str, Any]]:
    """Every tool that the question names, else the one whose description has most in common with it."""
    said = _significant(question)
    named = [function for function in functions if _name_words(function) and _name_words(function) <= said]
    if named:
        return named
    # Of tools that suit equally, the one that searches: the others want to be told more than a question says.
    best = max(functions, key=lambda function: (_score(function, said), "search" in _name_words(function)))
    return [best] if _score(best, said) > 0 else []


def _score(function: Mapping[str, Any], said: set[str]) -> int:
    name = _name_words(function)
    associated = {word for part in name for word in _ASSOCIATIONS.get(part, "").split()}
    description = _significant(str(function.get("description", "")))
    return 3 * len(said & name) + 3 * len(said & associated) + len(said & description)


def _name_words(function: Mapping[str, Any]) -> set[str]:
    return _significant(str(function.get("name", "")))


def _significant(text: str) -> set[str]:
    return {word for word in words_of(text) if word not in _SMALL_WORDS and len(word) > 2}


def _call(function: Mapping[str, Any], prompt: Prompt) -> ToolCall:
    parameters = function.get("parameters") or {"type": "object"}
    arguments = SchemaValues(parameters, prompt.question, optional=False).value() or {}
    number = prompt.random().getrandbits(64)
    name = str(function["name"])
    return ToolCall(f"call_{number:016x}_{name}"[:40], name, json.dumps(arguments, ensure_ascii=False))
