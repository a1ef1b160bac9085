"""What is kept of a chat that somebody else may have written: what is sent is what is drawn, and it allows nothing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orchat.agent.ask import MAX_COST, MAX_STEPS
from orchat.archive.reading import MOST_DEEP, Place, values_in
from orchat.archive.referenced import Referenced
from orchat.continuing import CUT, INSTRUCTION
from orchat.errors import Action
from orchat.media.kept import ADDRESS
from orchat.media.kinds import PICTURE_ADDRESSES
from orchat.presets.contents import content_of
from orchat.sources import USED, from_json, to_json
from orchat.store import MessageFields
from orchat.store.records import CONTINUES, Kind, Role
from orchat.turn import SCHEMA, asked_with
from orchat.usage import decimal
from orchat.wire import JSON, fields, objects, words

_LIMITS = {"max_cost": float(MAX_COST), "max_steps": MAX_STEPS}
_OF_TOOLS = ("title", "status", "reason")
_OF_REASONING = ("type", "id", "format", "index", "signature", "data", "text", "summary")
_OF_CITATIONS = ("url", "title", "start_index", "end_index")
_NUMBERS = ("index", "start_index", "end_index", "status", "retry_after")
_OF_ERRORS = ("kind", "advice", "status", "code", "provider", "detail", "retry_after", "generation_id")
_OF_BUDGETS = ("scope", "amount", "period", "set_by", "spent", "reserved", "renewed")


def settings_of(given: Mapping[str, Any]) -> JSON:
    """Return the settings of a chat as far as a preset could set them too; limits are never above the usual ones.

    What OpenRouter's tools and tools without asking may do, whoever imports the chat says anew.
    """
    kept = {name: value for name, value in content_of(given).items() if name != "server_tools"}
    return kept | {name: min(kept[name], most) for name, most in _LIMITS.items() if name in kept}


def message_of(
    role: Role, kind: Kind, wire: Mapping[str, Any], known: MessageFields, files: Referenced, place: Place
) -> tuple[JSON, MessageFields]:
    """Return a message and what is known of it, so that nothing of it is sent that nobody is shown.

    `files` are those of its chat. Blocks while documents are read.

    Raises:
        ImportFailedError: its role is none that a page draws.
    """
    details = known.get("details") or {}
    if role == "system" or (role == "tool" and kind == "chat"):
        raise place.wrong(f"“role” is {role}, which no chat here shows. Take the message out of the file.")
    if role == "user":
        sent, kept = _question(wire, details, files)
    elif role == "tool":
        sent, kept = _result(wire, details, files)
    else:
        sent, kept = _answer(wire, details, kind, files)
        if known.get("state") in CUT or known.get("finish_reason") == "length":
            # They would go before the question once more when somebody goes on with it.
            kept.pop(USED, None)
    error = error_of(known.get("error"))
    return {"role": role, **sent}, {**known, "details": kept or None, "error": error}


def _question(wire: Mapping[str, Any], details: Mapping[str, Any], files: Referenced) -> tuple[JSON, JSON]:
    text = _text(wire.get("content"))
    attached = [kept for file in objects(details.get("attached")) if (kept := files.attachment(file))]
    if attached:
        said = words(details.get("said")) or ""
        return {"content": asked_with(said, attached)}, {"said": said, "attached": attached}
    if CONTINUES in details and text == INSTRUCTION:
        # Nobody is shown it, and it can say nothing else.
        return {"content": INSTRUCTION}, {CONTINUES: str(details[CONTINUES])}
    return {"content": text}, {}


def _result(wire: Mapping[str, Any], details: Mapping[str, Any], files: Referenced) -> tuple[JSON, JSON]:
    # Without `said`, which would be drawn in place of what is sent.
    sent = {name: words(wire.get(name)) or "" for name in ("tool_call_id", "name")}
    kept: JSON = {name: found for name in _OF_TOOLS if (found := words(details.get(name)))}
    if (cost := decimal(details.get("cost"))) is not None:
        kept["cost"] = f"{cost:f}"
    if artifacts := [made for one in objects(details.get("artifacts")) if (made := files.file(one))]:
        kept["artifacts"] = artifacts
    if full := files.file(details.get("full")):
        kept["full"] = full
    icon = str(details.get("icon") or "")
    if icon.startswith(":material/") and icon[10:].strip(":").isidentifier():
        kept["icon"] = icon
    return {**sent, "content": _text(wire.get("content"))}, kept


def _answer(wire: Mapping[str, Any], details: Mapping[str, Any], kind: Kind, files: Referenced) -> tuple[JSON, JSON]:
    reasoning = words(wire.get("reasoning")) or ""
    calls = [call for one in objects(wire.get("tool_calls")) if (call := _call(one))] if kind == "agent" else []
    text = _text(wire.get("content"))
    sent: JSON = {
        "content": None if calls and not text else text,
        "reasoning": reasoning,
        "refusal": words(wire.get("refusal")),
        "tool_calls": calls,
        "reasoning_details": [
            kept
            for one in objects(wire.get("reasoning_details"))
            if (kept := _simple(one, _OF_REASONING))
            and all(str(kept.get(name) or "") in reasoning for name in ("text", "summary"))
        ],
        "annotations": [{"type": "url_citation", "url_citation": cited} for cited in _cited(wire.get("annotations"))],
        "images": [image for one in objects(wire.get("images")) if (image := _image(one, files))],
    }
    # An answer may be empty, and says so.
    kept = {name: value for name, value in sent.items() if value or name == "content"}
    known: JSON = {SCHEMA: details[SCHEMA]} if isinstance(details.get(SCHEMA), dict) else {}
    if USED in details:
        known[USED] = to_json(from_json(details[USED]))
    return kept, known


def _cited(annotations: Any) -> Iterable[JSON]:
    """Return the web pages that an answer cites, each once, as the list below it has them."""
    cited = [_simple(fields(one.get("url_citation")), _OF_CITATIONS) for one in objects(annotations)]
    return {one["url"]: one for one in cited if str(one.get("url")).startswith(("https://", "http://"))}.values()


def _simple(value: Mapping[str, Any], names: Sequence[str]) -> JSON:
    """Return those parts of an object that are text, or numbers where there have to be numbers."""
    wanted = {name: _number(value.get(name)) if name in _NUMBERS else words(value.get(name)) for name in names}
    return {name: found for name, found in wanted.items() if found is not None}


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def error_of(value: Any) -> JSON | None:
    """Return why an answer failed, as far as its card can say it; None for what says nothing."""
    given = fields(value)
    message = words(given.get("message"))
    if message is None:
        return None
    named = given.get("actions")
    actions = [action for action in Action if isinstance(named, list) and action in named]
    kept: JSON = {**_simple(given, _OF_ERRORS), "message": message, "actions": list(map(str, actions))}
    if budget := _simple(fields(given.get("budget")), _OF_BUDGETS):
        kept["budget"] = budget
    return kept


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
    deep = any(depth > MOST_DEEP for _, depth in values_in(found))
    return found if isinstance(found, dict) and not deep else {"arguments": text}


def _image(image: Mapping[str, Any], files: Referenced) -> JSON | None:
    file, url = files.picture(image.get("file")), words(fields(image.get("image_url")).get("url")) or ""
    if file:
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
