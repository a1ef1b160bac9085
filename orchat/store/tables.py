"""The tables as the code knows them. Migrations make them; a test checks that both agree."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from orchat.store.column_types import Dollars, Money, PlainText, UTCDateTime

# Named constraints, because a migration can only change what it can name.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("owner", PlainText, nullable=False),
    Column("title", PlainText, nullable=False),
    Column("title_source", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    Column("deleted_at", UTCDateTime),
    # No foreign key: the two tables would refer to each other, and neither could be filled or emptied first.
    Column("leaf_id", PlainText),
    Column("settings", JSON, nullable=False),
    Column("pinned_at", UTCDateTime),
    Column("archived_at", UTCDateTime),
    Index(None, "owner", "updated_at"),
)

tags = Table(
    "tags",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("name", PlainText, primary_key=True),
    Column("owner", PlainText, nullable=False),
    Index(None, "owner", "name"),
)

messages = Table(
    "messages",
    metadata,
    # The order of writing: unlike created_at it never repeats, and never steps back when the clock is set.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("id", PlainText, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("parent_id", ForeignKey("messages.id"), index=True),
    Column("role", PlainText, nullable=False),
    # JSON and not JSONB: it keeps the order of keys and takes \u0000, so what is sent again is what was received.
    Column("wire", JSON, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("model_asked", PlainText),
    Column("model_answered", PlainText),
    Column("provider", PlainText),
    Column("prompt_tokens", BigInteger),
    Column("completion_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("cost", Money),
    Column("finish_reason", PlainText),
    Column("native_finish_reason", PlainText),
    Column("generation_id", PlainText),
    Column("auto", Boolean, nullable=False),
    Column("zdr", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("first_token_ms", BigInteger),
    Column("reasoning_ms", BigInteger),
    Column("duration_ms", BigInteger),
    Column("created_at", UTCDateTime, nullable=False),
    Column("saved_at", UTCDateTime, nullable=False),
    Column("details", JSON(none_as_null=True)),
    # No foreign key: what it is a copy of may be purged, and its costs are in the ledger all the same.
    Column("copied_from", PlainText, index=True),
    Index(None, "state", "created_at"),
)

# Apart from the messages: an answer is saved as a whole by whoever writes it.
ratings = Table(
    "ratings",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("thumb", PlainText, nullable=False),
    Column("note", PlainText, nullable=False),
    Column("rated_at", UTCDateTime, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    # Kept once for each owner and not once for all: nobody can find out what others have.
    Column("owner", PlainText, primary_key=True),
    Column("sha256", PlainText, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("owner", PlainText, nullable=False),
    Column("sha256", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("mime", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("conversation_id", "sha256", "name"),
    Index(None, "owner", "sha256"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("thread_id", PlainText, primary_key=True),
    Column("owner", PlainText, nullable=False),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("data", LargeBinary, nullable=False),
    Column("saved_at", UTCDateTime, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("owner", PlainText, primary_key=True),
    Column("name", PlainText, primary_key=True),
    Column("value", JSON, nullable=False),
)

presets = Table(
    "presets",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("owner", PlainText, nullable=False, index=True),
    Column("name", PlainText, nullable=False),
    Column("icon", PlainText, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("content", JSON, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    Column("deleted_at", UTCDateTime),
)

people = Table(
    "people",
    metadata,
    Column("owner", PlainText, primary_key=True),
    Column("name", PlainText, nullable=False),
    Column("email", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("first_seen", UTCDateTime, nullable=False),
    Column("last_seen", UTCDateTime, nullable=False),
    Column("blocked", Boolean, nullable=False),
)

sealed_texts = Table(
    "sealed_texts",
    metadata,
    Column("owner", PlainText, primary_key=True),
    Column("name", PlainText, primary_key=True),
    # Encrypted by whoever keeps it here: the database never has the key.
    Column("data", LargeBinary, nullable=False),
    Column("saved_at", UTCDateTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("at", UTCDateTime, nullable=False, index=True),
    Column("actor", PlainText, nullable=False),
    Column("action", PlainText, nullable=False),
    Column("subject", PlainText, nullable=False),
    Column("details", JSON, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("scope", PlainText, primary_key=True),
    # A person or a conversation, so that it can be no foreign key.
    Column("subject", PlainText, primary_key=True),
    Column("limits", PlainText, nullable=False),
    Column("set_at", UTCDateTime, nullable=False),
)

setting_changes = Table(
    "setting_changes",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    Column("actor", PlainText, nullable=False),
    Column("name", PlainText, nullable=False, index=True),
    # Each an object with the value in it; nothing where the environment's holds.
    Column("old", JSON(none_as_null=True)),
    Column("new", JSON(none_as_null=True)),
)

# No foreign key anywhere: what was spent stays known when the conversation is gone. It holds numbers and no content.
calls = Table(
    "calls",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("id", PlainText, nullable=False, unique=True),
    Column("owner", PlainText, nullable=False),
    Column("conversation_id", PlainText, index=True),
    Column("message_id", PlainText),
    Column("kind", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("day", Date, nullable=False),
    Column("started_at", UTCDateTime, nullable=False),
    Column("model_asked", PlainText),
    Column("model_answered", PlainText),
    Column("provider", PlainText),
    Column("generation_id", PlainText),
    Column("prompt_tokens", BigInteger),
    Column("completion_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("cost", Dollars),
    Column("charged", Dollars),
    Column("reserved", Dollars),
    Column("own_key", Boolean),
    Column("personal_key", Boolean),
    Column("zdr", Boolean, nullable=False),
    Column("zdr_listed", Boolean),
    Column("against_rules", PlainText),
    Column("simulated", Boolean, nullable=False),
    Column("error", PlainText),
    Column("first_token_ms", BigInteger),
    Column("duration_ms", BigInteger),
    Column("sent", JSON(none_as_null=True)),
    Column("lookups", Integer, nullable=False),
    Index(None, "owner", "day"),
    Index(None, "day"),
)
