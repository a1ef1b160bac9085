"""What a simulated model answers to a request: text, reasoning, tool calls, and why it ends."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from orchat.demo.chat_request import ChatRequest
from orchat.demo.continuation import unfinished
from orchat.demo.files import parsed_files
from orchat.demo.kinds import topic_of
from orchat.demo.models import Model
from orchat.demo.pictures import drawn
from orchat.demo.prompt import CHARACTERS_PER_TOKEN
from orchat.demo.schema_values import SchemaValues
from orchat.demo.scripted import SCRIPTED, scripted_line
from orchat.demo.server_tools import NOTHING, Findings, search
from orchat.demo.tool_calls import ToolCall, choose_tool_calls
from orchat.demo.writing import wants_title, write_answer, write_reasoning, write_title

_BRIEF = 2
"""Paragraphs of an answer that shall be brief: the first says that it is simulated."""
DRAWN = "*Simulated reply: nothing but a program drew this.*"
FinishReason = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, before it is cut into chunks."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    findings: Findings = NOTHING
    images: tuple[str, ...] = ()
    """Pictures as data URLs."""


def compose_answer(model: Model, request: ChatRequest) -> Answer:
    """The answer of a model, the same each time for the same messages; of one that was cut, what is left of it."""
    prompt = request.prompt
    if wants_title(prompt) and not request.body.get("response_format"):
        return _cut(Answer(text=write_title(prompt), reasoning=_reasoning(model, request)), request.max_tokens)
    whole, begun = unfinished(request)
    if begun:
        answer = compose_answer(model, whole)
        return _cut(replace(answer, text=answer.text[len(begun) :] or "That was all."), request.max_tokens)
    if model.id == SCRIPTED:
        line = scripted_line(prompt)
        ending: FinishReason = "tool_calls" if line.calls else "stop"
        found = NOTHING if line.calls else _findings(model, request)
        return _cut(Answer(line.text, line.reasoning, line.calls, ending, found), request.max_tokens)
    parallel = request.body.get("parallel_tool_calls") is not False
    calls = choose_tool_calls(prompt, request.body.get("tool_choice"), parallel=parallel)
    reasoning = _reasoning(model, request)
    if calls:
        return _cut(Answer(reasoning=reasoning, tool_calls=calls, finish_reason="tool_calls"), request.max_tokens)
    findings, images = _findings(model, request), drawn(model, request)
    text = _structured(model, request)
    if not text:
        written = DRAWN if images else write_answer(prompt, model.id, model.name)
        text = "\n\n".join(filter(None, [_as_long_as_wanted(written, model, request), findings.told()]))
    text = _stopped(text, model, request)
    return _cut(Answer(text=text, reasoning=reasoning, findings=findings, images=images), request.max_tokens)


def _findings(model: Model, request: ChatRequest) -> Findings:
    return replace(search(request.prompt), files=parsed_files(model, request))


def _as_long_as_wanted(text: str, model: Model, request: ChatRequest) -> str:
    """The beginning of a text where the model is asked to be brief, and knows the parameter."""
    if request.body.get("verbosity") != "low" or "verbosity" not in model.supported_parameters:
        return text
    return "\n\n".join(text.split("\n\n")[:_BRIEF])


def _stopped(text: str, model: Model, request: ChatRequest) -> str:
    if "stop" not in model.supported_parameters:
        return text
    return min((text.partition(stop)[0] for stop in request.stops), key=len, default=text)


def _reasoning(model: Model, request: ChatRequest) -> str:
    wanted = request.reasoning
    if model.reasoning is None or wanted is False or (wanted is None and model.reasoning == "on request"):
        return ""
    budget = (request.body.get("reasoning") or {}).get("max_tokens")
    text = write_reasoning(request.prompt)
    return text[: int(budget) * CHARACTERS_PER_TOKEN] if budget else text


def _structured(model: Model, request: ChatRequest) -> str:
    """JSON when it was asked for; a model that does not know the parameter ignores it silently."""
    wanted: Any = request.body.get("response_format") or {}
    if not (model.structured or model.json_mode):
        return ""
    if wanted.get("type") == "json_object":
        value: Any = _object(model, request.prompt.question)
    elif wanted.get("type") == "json_schema" and model.structured:
        schema = (wanted.get("json_schema") or {}).get("schema") or {}
        value = SchemaValues(schema, request.prompt.question, optional=True).value()
    else:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _object(model: Model, question: str) -> dict[str, Any]:
    """An object with the keys that the question names in quotation marks, where it names any."""
    topic = topic_of(question)
    named = re.findall(r"['\"`](\w+)['\"`]", question)
    return {key: f"simulated {key} about {topic}" for key in named} or {
        "simulated": True,
        "topic": topic,
        "model": model.id,
    }


def _cut(answer: Answer, max_tokens: int | None) -> Answer:
    """The answer as far as the limit allows; thinking comes first and uses it up first."""
    if max_tokens is None:
        return answer
    room = max_tokens * CHARACTERS_PER_TOKEN
    left = room - len(answer.reasoning)
    calls = "".join(call.arguments for call in answer.tool_calls)
    if len(answer.text) + len(calls) <= left:
        return answer
    # Half a tool call is of no use to anybody, so calls that do not fit are left out altogether.
    text, reasoning = answer.text[: max(0, left)], answer.reasoning[:room]
    return replace(Answer(text, reasoning, finish_reason="length"), findings=answer.findings, images=answer.images)
