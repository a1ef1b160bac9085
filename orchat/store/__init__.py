"""Conversations, their messages and what they cost, in SQLite or PostgreSQL."""

from orchat.store.branches import BranchPart
from orchat.store.call_records import Call, CallFields, CallKind, RequestKind
from orchat.store.organising import Overview
from orchat.store.ratings import Rating, Thumb
from orchat.store.records import (
    AuditEntry,
    Conversation,
    File,
    Kind,
    Known,
    Message,
    MessageFields,
    Preset,
    Role,
    SettingChange,
    State,
)
from orchat.store.spending import ChatSpent, Spent
from orchat.store.store import Store
from orchat.store.temporary import DividedStore

__all__ = [
    "AuditEntry",
    "BranchPart",
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
    "Overview",
    "Preset",
    "Rating",
    "RequestKind",
    "Role",
    "SettingChange",
    "Spent",
    "State",
    "Store",
    "Thumb",
]
