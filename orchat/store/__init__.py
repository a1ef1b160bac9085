"""Conversations, their messages and what they cost, in SQLite or PostgreSQL."""

from orchat.store.records import Conversation, File, Kind, Message, MessageFields, Role, State
from orchat.store.store import Store

__all__ = ["Conversation", "File", "Kind", "Message", "MessageFields", "Role", "State", "Store"]
