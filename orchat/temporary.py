"""Which chats are temporary: their ids say so. Nothing of such a chat may be written to a disk or leave the process."""

from typing import Any

PREFIX = "temporary-"
"""What the ids of temporary chats, and of everything in them, begin with."""


def is_temporary(named: Any) -> bool:
    """Whether an id, or the record that has it, is that of a temporary chat or of something in one."""
    return str(getattr(named, "id", named)).startswith(PREFIX)
