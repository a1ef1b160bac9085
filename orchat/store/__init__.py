"""Conversations, their messages and what they cost, in SQLite or PostgreSQL."""

from orchat.store.call_records import Call, CallFields, CallKind
from orchat.store.records import Conversation, File, Kind, Message, MessageFields, Role, State
from orchat.store.spending import ChatSpent, Spent
from orchat.store.store import Store

__all__ = [
    "Call",
    "CallFields",
    "CallKind",
    "ChatSpent",
    "Conversation",
    "File",
    "Kind",
    "Message",
    "MessageFields",
    "Role",
    "Spent",
    "State",
    "Store",
]
