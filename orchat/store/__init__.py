"""Conversations, their messages and what they cost, in SQLite or PostgreSQL."""

from orchat.store.records import Conversation, Message, MessageFields, State
from orchat.store.store import Store

__all__ = ["Conversation", "Message", "MessageFields", "State", "Store"]
