"""Uploads: kept in memory from the first byte on, since nobody knows yet whether the chat is a temporary one."""

from starlette.formparsers import MultiPartParser

WHOLE = 2**40
"""Bytes: more than any upload may have. What is larger than this would go through a file in the temporary folder."""


def keep_in_memory() -> None:
    """Let the server hold uploads in memory while they arrive, as Streamlit does with them afterwards anyway."""
    MultiPartParser.spool_max_size = WHOLE
