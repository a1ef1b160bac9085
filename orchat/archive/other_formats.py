"""What other applications export: ChatGPT, Claude, and OpenRouter's chatroom."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from orchat.archive.reading import EARLIEST, Place, in_a_row, in_order
from orchat.store import MessageFields
from orchat.store.imports import NewConversation, NewMessage
from orchat.store.records import Role
from orchat.wire import fields, objects, words

CITATIONS = re.compile("\ue200[^\ue201]{0,2000}\ue201")
"""References to search results, in characters of ChatGPT's own that nobody else can show."""


def read_chatgpt(chats: Sequence[Any], file: Place) -> list[NewConversation]:
    """Return the conversations of ChatGPT's conversations.json: a tree of nodes each. Raises ImportFailedError."""
    return [_chatgpt(chat, file.at("chat", number)) for number, chat in enumerate(chats)]


def _chatgpt(value: Any, place: Place) -> NewConversation:
    chat = place.mapping(value)
    mapping = place.mapping(chat.get("mapping"), "“mapping”")
    nodes = {key: place.mapping(node, f"node “{key[:40]}”") for key, node in mapping.items()}
    said = {key: found for key, node in nodes.items() if (found := _chatgpt_message(node.get("message")))}
    entries, above = [], dict[str, str | None]()
    for number, (key, (role, text, message)) in enumerate(said.items()):
        moment = place.at("message", number).moment(message.get("create_time"), "“create_time”")
        model = words(fields(message.get("metadata")).get("model_slug"))
        parent = _ancestor(nodes, key, said, above, place)
        entries.append(_said(key, parent, role, text, moment, model if role == "assistant" else None))
    leaf = words(chat.get("current_node"))
    if leaf is not None and leaf not in said:
        leaf = _ancestor(nodes, leaf, said, above, place) if leaf in nodes else None
    return _conversation(chat.get("title"), in_order(entries, place), chat, "create_time", "update_time", place, leaf)


def _chatgpt_message(value: Any) -> tuple[Role, str, Mapping[str, Any]] | None:
    """Return who says what, None for what ChatGPT does not show: instructions, tools' work, empty nodes."""
    message = fields(value)
    role = _role(fields(message.get("author")).get("role"))
    hidden = fields(message.get("metadata")).get("is_visually_hidden_from_conversation")
    content = fields(message.get("content"))
    if content.get("content_type") == "code":
        text = f"```\n{content.get('text') or ''}\n```"
    else:
        parts = content.get("parts")
        text = "\n".join(map(_chatgpt_part, parts if isinstance(parts, list) else []))
        text = CITATIONS.sub("", text)
    return (role, text, message) if role and text.strip() and not hidden else None


def _chatgpt_part(part: Any) -> str:
    if isinstance(part, str):
        return part
    known = fields(part)
    return words(known.get("text")) or f"[{str(known.get('content_type') or 'part').replace('_asset_pointer', '')}]"


def _ancestor(
    nodes: Mapping[str, Any], key: str, said: Mapping[str, Any], above: dict[str, str | None], place: Place
) -> str | None:
    """Return the nearest node above that says something; `above` is what is known of others, and grows."""
    way, parent = {key}, words(nodes[key].get("parent"))
    while parent is not None and parent not in said and parent not in above:
        if parent in way:
            raise place.wrong(f"node “{key[:40]}” is above itself.")
        way.add(parent)
        parent = words(fields(nodes.get(parent)).get("parent"))
    found = parent if parent is None or parent in said else above[parent]
    above.update(dict.fromkeys(way, found))
    return found


def read_claude(chats: Sequence[Any], file: Place) -> list[NewConversation]:
    """Return the conversations of Claude's export: a tree of messages each, or a row. Raises ImportFailedError."""
    return [_claude(chat, file.at("chat", number)) for number, chat in enumerate(chats)]


def _claude(value: Any, place: Place) -> NewConversation:
    chat = place.mapping(value)
    messages = place.entries(chat.get("chat_messages"), "“chat_messages”")
    entries = [_claude_message(one, number, place.at("message", number)) for number, one in enumerate(messages)]
    if len({entry.key for entry in entries}) < len(entries):
        raise place.wrong("two messages have the same “uuid”.")
    kept, leaf = _with_words(entries, place), words(chat.get("current_leaf_message_uuid"))
    if leaf not in [entry.key for entry in kept]:
        # Exports of all chats do not say which branch is shown.
        newest = max(reversed(kept), key=lambda entry: entry.created_at, default=None)
        leaf = newest.key if newest else None
    return _conversation(chat.get("name"), kept, chat, "created_at", "updated_at", place, leaf)


def _claude_message(value: Any, number: int, place: Place) -> NewMessage:
    message = place.mapping(value)
    role = _role(message.get("sender"))
    if role is None:
        raise place.wrong("“sender” is neither human nor assistant.")
    moment = place.moment(message.get("created_at"), "“created_at”")
    key, parent = words(message.get("uuid")) or str(number), words(message.get("parent_message_uuid"))
    return _said(key, parent, role, _claude_text(message), moment, reasoning=_claude_parts(message, "thinking"))


def _claude_text(message: Mapping[str, Any]) -> str:
    text = _claude_parts(message, "text") or words(message.get("text")) or ""
    # Of other files there is nothing but the name.
    names = [name for file in objects(message.get("files")) if (name := words(file.get("file_name")))]
    text = "\n\n".join(filter(None, [text, *(f"[{name}]" for name in names)]))
    for file in objects(message.get("attachments")):
        if extracted := words(file.get("extracted_content")):
            text += f"\n\n{file.get('file_name') or 'Attachment'}:\n\n{extracted}"
    return text


def _claude_parts(message: Mapping[str, Any], kind: str) -> str:
    parts = (words(part.get(kind)) for part in objects(message.get("content")) if part.get("type") == kind)
    return "\n\n".join(part for part in parts if part)


def read_chatroom(data: Mapping[str, Any], file: Place) -> list[NewConversation]:
    """Return the conversation of OpenRouter's chatroom: versions orpg.1 to orpg.3. Raises ImportFailedError."""
    models = {key: _model(fields(one)) for key, one in file.mapping(data.get("characters", {})).items()}
    items = file.mapping(data.get("items", {}), "“items”")
    entries: list[NewMessage] = []
    for number, (key, one) in enumerate(file.mapping(data.get("messages"), "“messages”").items()):
        at = file.at("message", number)
        message = at.mapping(one)
        moment = at.moment(message.get("createdAt") or message.get("updatedAt"), "“createdAt”")
        who = str(message.get("characterId"))
        role: Role = "user" if who == "USER" else "assistant"
        text, reasoning = _chatroom_text(message, items)
        model = words(fields(message.get("metadata")).get("variantSlug")) or models.get(who)
        entries.append(_said(key, words(message.get("parentMessageId")), role, text, moment, model, reasoning))
    messages = _with_words(sorted(entries, key=lambda entry: entry.created_at), file)
    return [_conversation(data.get("title"), messages, {}, "", "", file)]


def _with_words(entries: Sequence[NewMessage], place: Place) -> list[NewMessage]:
    """Return the messages that say something, as a tree where they have one; each follows the nearest one above."""
    said = {entry.key: entry for entry in entries if entry.wire["content"].strip()}
    if all(entry.parent is None for entry in entries):
        return in_a_row(said.values())
    nodes, above = {entry.key: {"parent": entry.parent} for entry in entries}, dict[str, str | None]()
    tree = [replace(entry, parent=_ancestor(nodes, key, said, above, place)) for key, entry in said.items()]
    return in_order(tree, place)


def _model(character: Mapping[str, Any]) -> str | None:
    info = fields(character.get("modelInfo"))
    return words(character.get("model")) or words(info.get("slug")) or words(info.get("short_name"))


def _chatroom_text(message: Mapping[str, Any], items: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(message.get("content"), str):
        return message["content"], words(message.get("reasoning")) or ""
    references = sorted(objects(message.get("items")), key=lambda one: str(one.get("sequenceIndex") or 0).zfill(6))
    texts: dict[str, list[str]] = {"message": [], "reasoning": []}
    for reference in references:
        data = fields(fields(items.get(str(reference.get("id")))).get("data"))
        parts = (words(part.get("text")) for part in objects(data.get("content")))
        texts.setdefault(str(data.get("type")), []).extend(part for part in parts if part)
    return "\n\n".join(texts["message"]), "\n\n".join(texts["reasoning"])


def _role(name: Any) -> Role | None:
    roles: dict[Any, Role] = {"user": "user", "human": "user", "assistant": "assistant"}
    return roles.get(name) if isinstance(name, str) else None


def _said(
    key: str,
    parent: str | None,
    role: Role,
    text: str,
    moment: datetime,
    model: str | None = None,
    reasoning: str = "",
) -> NewMessage:
    wire = {"role": role, "content": text, **({"reasoning": reasoning} if reasoning else {})}
    known = MessageFields(model_answered=model) if model else MessageFields()
    return NewMessage(key, parent, role, wire, moment, known)


def _conversation(
    title: Any,
    messages: list[NewMessage],
    chat: Mapping[str, Any],
    created: str,
    updated: str,
    place: Place,
    leaf: str | None = None,
) -> NewConversation:
    moments = [message.created_at for message in messages if message.created_at != EARLIEST]
    began = place.moment(chat.get(created), f"“{created}”") if chat.get(created) else min(moments, default=EARLIEST)
    ended = place.moment(chat.get(updated), f"“{updated}”") if chat.get(updated) else max(moments, default=began)
    return NewConversation(words(title) or "", messages, began, ended, leaf=leaf)


def kinds() -> Iterator[str]:
    """Yield the names of what can be read, as a person knows them."""
    yield from ("orchat's own JSON", "ChatGPT's conversations.json", "Claude's export", "OpenRouter's chatroom")
