"""Sending: what an intent says, kept in the store before anything is sent anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from orchat.temporary import is_temporary
from orchat.ui import resources, temporary
from orchat.ui.intents import Continue, Edit, Intent, Retry, Send
from orchat.wire import AUTO_MODEL, JSON, fields, objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchat.media.intake import Checked
    from orchat.store import Kind, Message, Store
    from orchat.ui.intents import Upload
    from orchat.ui.tab import Session


def question_of(intent: Send | Edit | Retry | Continue, kind: Kind, current: Session) -> Message:
    """Keep what the person says, in a new chat if none is open, and return it; or the question that is asked again.

    Raises:
        AskedTooOftenError: they have asked as often as they may within a minute.
        QuotaExceededError: they would keep more than they may, or temporary chats take all the memory that they may.
    """
    services, owner = resources.services(), current.owner
    services.limits.check_rate(owner)
    if current.temporary or is_temporary(current.conversation_id):
        services.limits.check_memory(_size(intent))
    if isinstance(intent, Retry):
        return services.store.message(owner, intent.question_id)
    if isinstance(intent, Continue):
        from orchat.continuing import go_on

        return go_on(services.store, owner, intent.message_id)
    if isinstance(intent, Edit):
        edited = services.store.message(owner, intent.message_id)
        attached = objects(fields(edited.details).get("attached"))
        return services.chats.say(owner, edited.conversation_id, intent.text, edited.parent_id, attached)
    checked = _checked(intent.files, current) if kind == "chat" else []
    if checked:
        services.limits.check_quota(owner, sum(len(file.data) for file in checked))
    if current.conversation_id is None:
        chat = temporary.begin(current, kind)
        current.conversation_id = current.restored = chat.id
        current.kept = chat.settings
    chat_id = current.conversation_id
    leaf = services.store.conversation(owner, chat_id).leaf_id
    if kind == "chat":
        attached = _kept(services.store, owner, chat_id, checked)
    else:
        attached = [services.chats.attach(owner, chat_id, file.name, file.data) for file in intent.files]
    return services.chats.say(owner, chat_id, intent.text, leaf, attached)


def _size(intent: Send | Edit | Retry | Continue) -> int:
    """About how many bytes a question takes."""
    text = "" if isinstance(intent, Retry | Continue) else intent.text
    return len(text.encode()) + (sum(len(file.data) for file in intent.files) if isinstance(intent, Send) else 0)


def _checked(files: Sequence[Upload], current: Session) -> list[Checked]:
    """Look at the files of a message to a model: all of them, before any is kept. Raises AttachmentError."""
    if not files:
        return []
    # Here, since most messages have none.
    from orchat.media.intake import check_all
    from orchat.media.taking import Takes

    with st.spinner("Looking at your files…"):
        return check_all([(file.name, file.data) for file in files], current.takes or Takes(), current.reading)


def _kept(store: Store, owner: str, chat_id: str, checked: Sequence[Checked]) -> list[JSON]:
    if not checked:
        return []
    from orchat.media.intake import keep

    return [keep(store, owner, chat_id, file) for file in checked]


@contextmanager
def other_model(intent: Intent, current: Session) -> Iterator[None]:
    """Ask another model than the chosen one this time, if the intent names one."""
    chosen = current.ask
    if isinstance(intent, Retry) and intent.model:
        auto = intent.model == AUTO_MODEL
        current.ask = replace(chosen, model=None if auto else intent.model, auto=auto)
    try:
        yield
    finally:
        current.ask = chosen


def hides_more(intent: Send | Edit | Retry | Continue, branch: list[Message]) -> bool:
    """Whether a new version hides more than what it is a version of: what came after that."""
    ids = [message.id for message in branch]
    match intent:
        # The answer to the earlier words is expected to go, and all that continues it.
        case Edit(message_id=question) | Retry(question_id=question) if question in ids:
            later = branch[ids.index(question) + 1 :]
            return any(message.role == "user" and not message.is_instruction for message in later)
    return False
