"""Conversations, their messages and what they cost, in SQLite or PostgreSQL."""

from orchat.store.records import AuditEntry, Conversation, File, Kind, Known, Message, MessageFields, Role, State
from orchat.store.store import Store

__all__ = ["AuditEntry", "Conversation", "File", "Kind", "Known", "Message", "MessageFields", "Role", "State", "Store"]
