"""Answers: orchat's events and Reply as the messages and chunks of LangChain."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.utils.json import parse_partial_json
from langchain_openai.chat_models.base import _convert_dict_to_message, _create_usage_metadata

from orchat.agent.openrouter.messages import PROVIDER
from orchat.events import Event, ImageAdded, ReasoningDelta, RefusalDelta, Routed, TextDelta, ToolCallDelta
from orchat.reply import Reply
from orchat.wire import JSON, ToolCall, fields, objects

IN_KWARGS = ("reasoning_details", "annotations", "images", "refusal")
UNSTREAMED = ("reasoning_details", "annotations", "images")
"""Parts of a message that come with the last chunk only: LangChain would join them by their indices when it merges."""
CLOSINGS = ("]", "}", '"]', '"}', '""]', '""}')


class Chunks:
    """Makes the chunks of one streamed answer. What LangChain would concatenate when it merges them comes once."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._calls: set[int] = set()

    def take(self, event: Event) -> AIMessageChunk | None:
        """Return the chunk that an event means, None for one that means none."""
        match event:
            case TextDelta(text):
                return AIMessageChunk(content=text)
            case ReasoningDelta(text):
                return AIMessageChunk(content="", additional_kwargs={"reasoning_content": text})
            case ToolCallDelta():
                return self._call(event)
            case Routed(model, provider, generation_id):
                about = {"model_name": model, "provider": provider, "id": generation_id, "model_provider": PROVIDER}
                return AIMessageChunk(content="", response_metadata=self._once(about))
            case RefusalDelta(text):
                return AIMessageChunk(content="", additional_kwargs={"refusal": text})
            case ImageAdded(image):
                return AIMessageChunk(content=list(_pictures([image])))
        return None

    def _call(self, delta: ToolCallDelta) -> AIMessageChunk:
        begins = delta.position not in self._calls
        self._calls.add(delta.position)
        piece = tool_call_chunk(
            name=delta.name if begins else None,
            args=delta.arguments,
            id=delta.id if begins else None,
            index=delta.position,
        )
        return AIMessageChunk(content="", tool_call_chunks=[piece])

    def _once(self, about: Mapping[str, Any]) -> JSON:
        fresh = {key: value for key, value in about.items() if value is not None and key not in self._told}
        self._told.update(fresh)
        return fresh

    def last(self, reply: Reply) -> AIMessageChunk:
        """Return the chunk after the last event: all that is known only at the end."""
        wire = reply.message()
        kwargs = {key: value for key, value in wire.items() if key in UNSTREAMED}
        return AIMessageChunk(
            content=list(_citations(reply.annotations)) or "",
            additional_kwargs={**kwargs, **reply.message_extra},
            response_metadata=self._once(_metadata(reply)),
            usage_metadata=usage_metadata(reply),
            tool_call_chunks=list(_broken_off(wire.get("tool_calls") or ())),
            chunk_position="last",
        )


def _broken_off(calls: Sequence[ToolCall]) -> Iterator[ToolCallChunk]:
    """Yield an end for each call whose arguments are no JSON object.

    LangChain completes what is missing, so that a call which was cut off would run with half of its arguments. With an
    end that nothing can complete it becomes an invalid call, as it is without streaming.
    """
    for position, call in enumerate(calls):
        arguments = call["function"]["arguments"]
        if arguments.strip() and not _is_object(json.loads, arguments):
            wrong = (end for end in CLOSINGS if not _is_object(parse_partial_json, arguments + end))
            yield tool_call_chunk(args=next(wrong, ""), index=position)


def _is_object(read: Callable[[str], Any], text: str) -> bool:
    try:
        return isinstance(read(text), dict)
    except ValueError:
        return False


def generation_chunk(message: AIMessageChunk) -> ChatGenerationChunk:
    """Return a chunk as `_stream` yields it."""
    return ChatGenerationChunk(message=message)


def result(reply: Reply) -> ChatResult:
    """Return a whole answer as `_generate` returns it."""
    wire: Mapping[str, Any] = reply.message()
    message = _convert_dict_to_message(wire)
    assert isinstance(message, AIMessage)
    message.additional_kwargs.update({key: wire[key] for key in IN_KWARGS if key in wire})
    message.additional_kwargs.update(reply.message_extra)
    if reply.reasoning:
        message.additional_kwargs["reasoning_content"] = reply.reasoning
    blocks = [*_pictures(reply.images), *_citations(reply.annotations)]
    if blocks:
        message.content = [*([reply.text] if reply.text else []), *blocks]
    message.response_metadata = _metadata(reply)
    message.usage_metadata = usage_metadata(reply)
    about = {"finish_reason": reply.finish_reason}
    # Not in llm_output: LangChain copies that into response_metadata, and sums what it finds there over calls.
    return ChatResult(generations=[ChatGeneration(message=message, generation_info=about)])


def _metadata(reply: Reply) -> JSON:
    usage = reply.usage
    about = {
        "model_provider": PROVIDER,
        "model_name": reply.model,
        "provider": reply.provider,
        "id": reply.id,
        "finish_reason": reply.finish_reason,
        "native_finish_reason": reply.native_finish_reason,
        "cost": float(usage.cost) if usage and usage.cost is not None else None,
        "cost_details": usage.raw.get("cost_details") if usage else None,
        "logprobs": reply.extra.get("logprobs"),
        "system_fingerprint": reply.extra.get("system_fingerprint"),
        "service_tier": reply.extra.get("service_tier"),
    }
    return {key: value for key, value in about.items() if value is not None}


def usage_metadata(reply: Reply) -> UsageMetadata | None:
    """Return the tokens of an answer, None when OpenRouter did not say."""
    return _create_usage_metadata(reply.usage.raw) if reply.usage else None


def _citations(annotations: list[JSON]) -> Iterator[JSON]:
    """Yield LangChain's citations, in one block of text that adds none."""
    found = [fields(annotation.get("url_citation")) for annotation in annotations]
    cited = [
        {"type": "citation", **{key: citation[key] for key in CITED if citation.get(key) is not None}}
        for citation in found
        if citation.get("url")
    ]
    if cited:
        yield {"type": "text", "text": "", "annotations": cited}


CITED = ("url", "title", "start_index", "end_index")


def _pictures(images: list[JSON]) -> Iterator[JSON]:
    for image in objects(images):
        url = str(fields(image.get("image_url")).get("url") or "")
        head, _, data = url.partition(",")
        if head.startswith("data:") and head.endswith(";base64"):
            kind = head.removeprefix("data:").removesuffix(";base64")
            yield {"type": "image", "base64": unquote_to_bytes(data).decode("ascii", "replace"), "mime_type": kind}
        elif url:
            yield {"type": "image", "url": url}
