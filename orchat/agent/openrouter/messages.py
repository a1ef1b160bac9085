"""Messages: LangChain's as OpenRouter's wire format has them, and back."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai.chat_models._compat import _convert_from_v1_to_chat_completions
from langchain_openai.chat_models.base import _convert_dict_to_message, _convert_message_to_dict

from orchat.wire import JSON

PROVIDER = "openrouter"
ECHOED = ("reasoning_details", "annotations", "images", "refusal")
"""Parts of an answer that OpenRouter wants back as they came; LangChain keeps them in `additional_kwargs`."""
DEFAULT_MIME = {"video": "video/mp4", "file": "application/pdf"}


def to_wire(message: BaseMessage) -> JSON:
    """Return a message as it is sent and stored."""
    if not isinstance(message, AIMessage):
        return _other_to_wire(message)
    sent: JSON = _convert_message_to_dict(_convert_from_v1_to_chat_completions(message))
    if message.response_metadata.get("model_provider") == PROVIDER:
        # Citations and images stand in its content as blocks; on the wire they have fields of their own.
        sent["content"] = str(message.text) or (None if message.tool_calls else "")
    if reasoning := message.additional_kwargs.get("reasoning_content"):
        sent["reasoning"] = reasoning
    kept = {key: message.additional_kwargs[key] for key in ECHOED if message.additional_kwargs.get(key) is not None}
    return {"role": "assistant", **sent, **kept}


def _other_to_wire(message: BaseMessage) -> JSON:
    if isinstance(message.content, list):
        message = message.model_copy(update={"content": [_block_to_wire(block) for block in message.content]})
    sent: JSON = _convert_message_to_dict(message)
    if isinstance(message, ToolMessage) and isinstance(message.content, list):
        # ChatOpenAI drops what OpenAI does not know, `cache_control` among it: OpenRouter knows it.
        plain = _convert_message_to_dict(HumanMessage(message.content))
        sent["content"] = plain["content"]
    return sent


def _block_to_wire(block: Any) -> Any:
    """Return videos and files as OpenRouter takes them, by address too; ChatOpenAI knows neither of that."""
    kind = block.get("type") if isinstance(block, Mapping) else None
    if kind not in ("video", "file"):
        return block
    data, mime = block.get("base64") or block.get("data"), block.get("mime_type")
    place = block.get("url") or (data and f"data:{mime or DEFAULT_MIME[kind]};base64,{data}")
    if not place:
        return block
    marks = {"cache_control": block["cache_control"]} if "cache_control" in block else {}
    if kind == "video":
        return {"type": "video_url", "video_url": {"url": place}, **marks}
    described = {**(block.get("metadata") or {}), **(block.get("extras") or {}), **block}
    name = (
        described.get("filename") or described.get("name") or f"file.{(mime or 'application/pdf').rpartition('/')[2]}"
    )
    return {"type": "file", "file": {"filename": name, "file_data": place}, **marks}


def from_wire(wire: Mapping[str, Any]) -> BaseMessage:
    """Return a stored message as LangChain's; `to_wire` of it is what was stored, as far as it is sent.

    An answer's `model`, which is never sent, says who wrote it: reasoning is echoed to its own maker only.
    """
    role = wire.get("role")
    if role != "assistant":
        message = _convert_dict_to_message(wire)
        if isinstance(message, HumanMessage | SystemMessage | ToolMessage):
            return message
        raise ValueError(f"A message with the role “{role}” cannot be sent to a model.")
    answer = _convert_dict_to_message(wire)
    assert isinstance(answer, AIMessage)
    answer.response_metadata["model_provider"] = PROVIDER
    if author := wire.get("model"):
        answer.response_metadata["model_name"] = author
    answer.additional_kwargs.update({key: wire[key] for key in ECHOED if wire.get(key) is not None})
    if reasoning := wire.get("reasoning"):
        answer.additional_kwargs["reasoning_content"] = reasoning
    return answer
