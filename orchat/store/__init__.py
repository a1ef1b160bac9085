"""Conversations, their messages and what they cost, in SQLite or PostgreSQL."""

from orchat.store.call_records import Call, CallFields, CallKind
from orchat.store.records import AuditEntry, Conversation, File, Kind, Known, Message, MessageFields, Role, State
from orchat.store.spending import ChatSpent, Spent
from orchat.store.store import Store
from orchat.store.temporary import DividedStore

__all__ = [
    "AuditEntry",
    "Call",
    "CallFields",
    "CallKind",
    "ChatSpent",
    "Conversation",
    "DividedStore",
    "File",
    "Kind",
    "Known",
    "Message",
    "MessageFields",
    "Role",
    "Spent",
    "State",
    "Store",
]
