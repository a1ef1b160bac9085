"""What is kept of a chat that somebody else may have written: what is sent is what is drawn, and it allows nothing."""

import json
from collections.abc import Mapping
from typing import Any

from orchat.agent.ask import MAX_COST, MAX_STEPS
from orchat.archive.reading import Place
from orchat.continuing import CUT, INSTRUCTION
from orchat.media.kept import ADDRESS
from orchat.media.kinds import PICTURE_ADDRESSES
from orchat.presets.contents import content_of
from orchat.sources import USED
from orchat.store import MessageFields
from orchat.store.records import CONTINUES, Kind, Role
from orchat.turn import SCHEMA, asked_with
from orchat.wire import JSON, fields, objects, words

_LIMITS = {"max_cost": float(MAX_COST), "max_steps": MAX_STEPS}
_OF_TOOLS = ("title", "status", "artifacts", "full", "cost", "reason")
_OF_REASONING = ("type", "id", "format", "index", "signature", "data", "text", "summary")
_OF_CITATIONS = ("url", "title", "start_index", "end_index")


def settings_of(given: Mapping[str, Any]) -> JSON:
    """Return the settings of a chat as far as a preset could set them too; limits are never above the usual ones.

    What OpenRouter's tools and tools without asking may do, whoever imports the chat says anew.
    """
    kept = {name: value for name, value in content_of(given).items() if name != "server_tools"}
    return kept | {name: min(kept[name], most) for name, most in _LIMITS.items() if name in kept}


def message_of(
    role: Role, kind: Kind, wire: Mapping[str, Any], known: MessageFields, place: Place
) -> tuple[JSON, MessageFields]:
    """Return a message and what is known of it, so that nothing of it is sent that nobody is shown.

    Raises:
        ImportFailedError: its role is none that a page draws.
    """
    details = known.get("details") or {}
    if role == "system" or (role == "tool" and kind == "chat"):
        raise place.wrong(f"“role” is {role}, which no chat here shows. Take the message out of the file.")
    if role == "user":
        sent, kept = _question(wire, details)
    elif role == "tool":
        sent, kept = _result(wire, details)
    else:
        sent, kept = _answer(wire, details, kind)
        if known.get("state") in CUT or known.get("finish_reason") == "length":
            # They would go before the question once more when somebody goes on with it.
            kept.pop(USED, None)
    return {"role": role, **sent}, {**known, "details": kept or None}


def _question(wire: Mapping[str, Any], details: Mapping[str, Any]) -> tuple[JSON, JSON]:
    text = _text(wire.get("content"))
    attached = [file for file in objects(details.get("attached")) if words(file.get("sha256")) and "name" in file]
    if attached:
        said = words(details.get("said")) or ""
        return {"content": asked_with(said, attached)}, {"said": said, "attached": attached}
    if CONTINUES in details and text == INSTRUCTION:
        # Nobody is shown it, and it can say nothing else.
        return {"content": INSTRUCTION}, {CONTINUES: str(details[CONTINUES])}
    return {"content": text}, {}


def _result(wire: Mapping[str, Any], details: Mapping[str, Any]) -> tuple[JSON, JSON]:
    # Without `said`, which would be drawn in place of what is sent.
    sent = {name: words(wire.get(name)) or "" for name in ("tool_call_id", "name")}
    kept = {name: details[name] for name in _OF_TOOLS if name in details}
    icon = str(details.get("icon") or "")
    if icon.startswith(":material/") and icon[10:].strip(":").isidentifier():
        kept["icon"] = icon
    return {**sent, "content": _text(wire.get("content"))}, kept


def _answer(wire: Mapping[str, Any], details: Mapping[str, Any], kind: Kind) -> tuple[JSON, JSON]:
    reasoning = words(wire.get("reasoning")) or ""
    calls = [call for one in objects(wire.get("tool_calls")) if (call := _call(one))] if kind == "agent" else []
    text = _text(wire.get("content"))
    sent: JSON = {
        "content": None if calls and not text else text,
        "reasoning": reasoning,
        "refusal": words(wire.get("refusal")),
        "tool_calls": calls,
        "reasoning_details": [
            {name: one[name] for name in _OF_REASONING if name in one}
            for one in objects(wire.get("reasoning_details"))
            if all((words(one.get(name)) or "") in reasoning for name in ("text", "summary"))
        ],
        "annotations": [
            {"type": "url_citation", "url_citation": {name: cited[name] for name in _OF_CITATIONS if name in cited}}
            for one in objects(wire.get("annotations"))
            if (cited := fields(one.get("url_citation")))
        ],
        "images": [image for one in objects(wire.get("images")) if (image := _image(one))],
    }
    # An answer may be empty, and says so.
    kept = {name: value for name, value in sent.items() if value or name == "content"}
    return kept, {name: details[name] for name in (SCHEMA, USED) if name in details}


def _call(call: Mapping[str, Any]) -> JSON | None:
    function = fields(call.get("function"))
    name, key, arguments = (words(value) for value in (function.get("name"), call.get("id"), function.get("arguments")))
    if name is None or key is None:
        return None
    return {"id": key, "type": "function", "function": {"name": name, "arguments": arguments or "{}"}}


def arguments_of(call: Mapping[str, Any]) -> JSON:
    """Return the arguments of a call as its step shows them: those that are sent."""
    text = str(fields(call.get("function")).get("arguments"))
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"arguments": text}


def _image(image: Mapping[str, Any]) -> JSON | None:
    file, url = image.get("file"), words(fields(image.get("image_url")).get("url")) or ""
    if isinstance(file, dict) and words(file.get("sha256")) and "name" in file:
        return {"type": "image_url", "image_url": {"url": f"{ADDRESS}{file['sha256']}"}, "file": file}
    if url.startswith(PICTURE_ADDRESSES):
        return {"type": "image_url", "image_url": {"url": url}}
    problem = words(image.get("problem"))
    return {"type": "image_url", "image_url": {"url": ""}, "problem": problem} if problem else None


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = (words(part.get("text")) for part in objects(content) if part.get("type") == "text")
    return "\n".join(text for text in texts if text is not None)
