"""Sending: what an intent says, kept in the store before anything is sent anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchat.ui import choices, resources
from orchat.ui.intents import Edit, Retry, Send
from orchat.wire import fields, objects

if TYPE_CHECKING:
    from orchat.store import Kind, Message
    from orchat.ui.session import Session


def question_of(intent: Send | Edit | Retry, kind: Kind, current: Session) -> Message:
    """Keep what the person says, in a new chat if none is open, and return it; or the question that is asked again."""
    services, owner = resources.services(), current.owner
    if isinstance(intent, Retry):
        return services.store.message(owner, intent.question_id)
    if isinstance(intent, Edit):
        edited = services.store.message(owner, intent.message_id)
        attached = objects(fields(edited.details).get("attached"))
        return services.say(owner, edited.conversation_id, intent.text, edited.parent_id, attached)
    if current.conversation_id is None:
        chat = services.store.create_conversation(owner, kind=kind, settings=choices.as_settings(current))
        current.conversation_id = current.restored = chat.id
        current.kept = chat.settings
    chat_id = current.conversation_id
    leaf = services.store.conversation(owner, chat_id).leaf_id
    attached = [services.attach(owner, chat_id, file.name, file.data) for file in intent.files]
    return services.say(owner, chat_id, intent.text, leaf, attached)


def hides_more(intent: Send | Edit | Retry, branch: list[Message]) -> bool:
    """Whether a new version hides more than what it is a version of: what came after that."""
    ids = [message.id for message in branch]
    match intent:
        case Edit(message_id=edited) if edited in ids:
            # The answer to the earlier words is expected to go.
            return ids.index(edited) + 2 < len(ids)
        case Retry(question_id=question) if question in ids:
            return any(message.role == "user" for message in branch[ids.index(question) + 1 :])
    return False
