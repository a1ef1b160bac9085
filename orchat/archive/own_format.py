"""orchat's own JSON: everything of a conversation, so that it can be brought back as it was."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast, get_args

from orchat.archive.reading import Place, in_order
from orchat.archive.received import arguments_of, message_of, settings_of
from orchat.archive.referenced import Extracts, Referenced
from orchat.store import Conversation, Message, MessageFields, Rating, Store, Thumb
from orchat.store.imports import NewConversation, NewFile, NewMessage
from orchat.store.records import Kind, Role, State
from orchat.wire import JSON

FORMAT, VERSION = "orchat", 1
_PLACE = ("id", "conversation_id", "parent_id", "role", "wire", "created_at", "saved_at")
_KNOWN = [field.name for field in fields(Message) if field.name not in _PLACE]
_TEXTS = (
    *("model_asked", "model_answered", "provider", "finish_reason", "native_finish_reason", "generation_id"),
    "copied_from",
)
_NUMBERS = [name for name in _KNOWN if name.endswith(("_tokens", "_ms"))]
_SWITCHES = ("auto", "zdr", "simulated")
_OBJECTS = ("error", "details")
LARGEST = 2**63 - 1


def write(store: Store, owner: str, chats: Sequence[Conversation]) -> JSON:
    """Return conversations with all their branches and files."""
    written = [_conversation(store, owner, chat) for chat in chats]
    return {"format": FORMAT, "version": VERSION, "exported_at": _time(datetime.now(UTC)), "conversations": written}


def _conversation(store: Store, owner: str, chat: Conversation) -> JSON:
    ratings = store.ratings(owner, chat.id)
    return {
        "title": chat.title,
        "kind": chat.kind,
        "tags": store.tags(owner, chat.id),
        "pinned_at": chat.pinned_at and _time(chat.pinned_at),
        "archived_at": chat.archived_at and _time(chat.archived_at),
        "created_at": _time(chat.created_at),
        "updated_at": _time(chat.updated_at),
        "settings": chat.settings,
        "leaf": chat.leaf_id,
        "messages": [_message(message, ratings.get(message.id)) for message in store.all_messages(owner, chat.id)],
        "files": [
            {
                "name": file.name,
                "mime": file.mime,
                "kind": file.kind,
                "data": base64.b64encode(store.file_data(owner, file.sha256)).decode(),
            }
            for file in store.files(owner, chat.id)
        ],
    }


def _message(message: Message, rating: Rating | None) -> JSON:
    known: JSON = {name: value for name in _KNOWN if (value := getattr(message, name)) not in (None, False)}
    if message.cost is not None:
        known["cost"] = f"{message.cost:f}"
    if rating is not None:
        known["rating"] = {"thumb": rating.thumb, "note": rating.note, "rated_at": _time(rating.rated_at)}
    return {
        "id": message.id,
        "parent": message.parent_id,
        "role": message.role,
        "created_at": _time(message.created_at),
        "message": message.wire,
        **known,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def read(data: Mapping[str, Any], file: Place) -> list[NewConversation]:
    """Return the conversations of a file; documents in it are read. Raises ImportFailedError. Blocks."""
    if data.get("version") != VERSION:
        raise file.wrong(f"This file has version {data.get('version')!r}; this orchat reads version {VERSION}.")
    chats, extracts = file.entries(data.get("conversations"), "“conversations”"), Extracts()
    return [_read_conversation(chat, extracts, file.at("chat", number)) for number, chat in enumerate(chats)]


def _read_conversation(value: Any, extracts: Extracts, place: Place) -> NewConversation:
    chat = place.mapping(value)
    if chat.get("kind") not in get_args(Kind):
        raise place.wrong("“kind” is neither chat nor agent.")
    kind, entries = cast("Kind", chat["kind"]), place.entries(chat.get("messages"), "“messages”")
    brought = place.entries(chat.get("files", []), "“files”")
    files = Referenced([_read_file(one, place.at("file", number)) for number, one in enumerate(brought)], extracts)
    found = [_read_message(entry, kind, files, place.at("message", number)) for number, entry in enumerate(entries)]
    messages, leaf = _with_arguments(in_order(found, place)), chat.get("leaf")
    if leaf is not None and leaf not in [message.key for message in messages]:
        raise place.wrong("“leaf” names no message.")
    return NewConversation(
        title=place.text(chat.get("title"), "“title”"),
        messages=messages,
        created_at=place.moment(chat.get("created_at"), "“created_at”"),
        updated_at=place.moment(chat.get("updated_at"), "“updated_at”"),
        kind=kind,
        settings=settings_of(place.mapping(chat.get("settings", {}), "“settings”")),
        leaf=leaf,
        files=files.files,
        tags=[place.text(tag, "a tag") for tag in place.entries(chat.get("tags", []), "“tags”")],
        pinned_at=_read_since(chat, "pinned_at", place),
        archived_at=_read_since(chat, "archived_at", place),
    )


def _read_since(chat: Mapping[str, Any], name: str, place: Place) -> datetime | None:
    return None if chat.get(name) is None else place.moment(chat[name], f"“{name}”")


def _with_arguments(messages: list[NewMessage]) -> list[NewMessage]:
    """Return messages, each after the one that it follows, whose results show the arguments that their calls have."""
    calls: dict[str, dict[str, JSON]] = {}
    shown = []
    for message in messages:
        above = calls.get(message.parent or "", {})
        if message.role == "tool":
            call = above.get(message.wire["tool_call_id"])
            details = {**(message.known.get("details") or {}), "arguments": arguments_of(call) if call else {}}
            message = replace(message, known={**message.known, "details": details})  # noqa: PLW2901
            calls[message.key] = above
        elif message.role == "assistant":
            calls[message.key] = {call["id"]: call for call in message.wire.get("tool_calls", ())}
        shown.append(message)
    return shown


def _read_message(value: Any, kind: Kind, files: Referenced, place: Place) -> NewMessage:
    entry = place.mapping(value)
    parent, role = entry.get("parent"), entry.get("role")
    if role not in get_args(Role):
        raise place.wrong("“role” is none that there is.")
    said = dict(place.mapping(entry.get("message"), "“message”"))
    wire, known = message_of(cast("Role", role), kind, said, _read_known(entry, place), files, place)
    return NewMessage(
        key=place.text(entry.get("id"), "“id”"),
        parent=None if parent is None else place.text(parent, "“parent”"),
        role=cast("Role", role),
        wire=wire,
        created_at=place.moment(entry.get("created_at"), "“created_at”"),
        known=known,
        rating=_read_rating(entry.get("rating"), place),
    )


def _read_rating(value: Any, place: Place) -> Rating | None:
    if value is None:
        return None
    rating = place.mapping(value, "“rating”")
    if rating.get("thumb") not in get_args(Thumb):
        raise place.wrong("“rating” is neither up nor down.")
    note = place.text(rating.get("note", ""), "“note”")
    return Rating(cast("Thumb", rating["thumb"]), note, place.moment(rating.get("rated_at"), "“rated_at”"))


def _read_known(entry: Mapping[str, Any], place: Place) -> MessageFields:
    known: JSON = {name: place.text(entry[name], f"“{name}”") for name in _TEXTS if entry.get(name) is not None}
    known |= {name: bool(entry.get(name)) for name in _SWITCHES}
    known |= {name: dict(place.mapping(entry[name], f"“{name}”")) for name in _OBJECTS if entry.get(name) is not None}
    for name in _NUMBERS:
        number = entry.get(name)
        if number is None:
            continue
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= LARGEST:
            raise place.wrong(f"“{name}” is no whole number.")
        known[name] = number
    state = entry.get("state", "done")
    if state not in get_args(State):
        raise place.wrong("“state” is none that there is.")
    # Nobody writes it here, and nothing waits here for a decision.
    known["state"] = {"streaming": "cut_off", "waiting": "cut_off"}.get(state, state)
    if entry.get("cost") is not None:
        known["cost"] = _read_cost(entry["cost"], place)
    return cast("MessageFields", known)


def _read_cost(value: Any, place: Place) -> Decimal:
    try:
        cost = Decimal(place.text(value, "“cost”"))
    except InvalidOperation:
        raise place.wrong("“cost” is no amount.") from None
    if not cost.is_finite() or not 0 <= cost < 10**9:
        raise place.wrong("“cost” is no amount.")
    return cost


def _read_file(value: Any, place: Place) -> NewFile:
    file = place.mapping(value)
    name, mime, kind = (place.text(file.get(part), f"“{part}”") for part in ("name", "mime", "kind"))
    try:
        data = base64.b64decode(place.text(file.get("data"), "“data”"), validate=True)
    except binascii.Error:
        raise place.wrong("“data” is no Base64.") from None
    return NewFile(name, mime, kind, data)
