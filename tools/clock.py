"""Tells the date and time anywhere in the world."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from langchain_core.tools import tool

from orchat import Plugin, ToolError

PLUGIN = Plugin(title="Clock", icon=":material/schedule:", approval="auto")


@tool
def clock(zone: str = "UTC") -> str:
    """Return the present date and time in a time zone, named as in Europe/Berlin."""
    try:
        return f"{datetime.now(ZoneInfo(zone)):%A, %d %B %Y, %H:%M:%S %Z (UTC%z)}"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ToolError(f"“{zone}” is no time zone. Use a name such as Europe/Berlin or UTC.") from None
