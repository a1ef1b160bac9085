"""Logs: to the console, as text or as JSON, with the run that a line belongs to and without anybody's words."""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from orchat.choices import LogFormat
from orchat.temporary import is_temporary

RUN: ContextVar[str | None] = ContextVar("run", default=None)
"""The id of the message that is being answered, or of the chat that a person calls a tool in: it joins their lines."""


def log_to_the_console(level: str, form: LogFormat) -> None:
    """Write orchat's log to the console from `level` on; once, however often it is called."""
    logger = logging.getLogger("orchat")
    logger.setLevel(level)
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    for handler in logger.handlers:
        handler.setFormatter(_JSON() if form is LogFormat.JSON else _Text())


class _Careful(logging.Formatter):
    """Writes where an error of a temporary chat was and of which kind, not what it says: that may quote the chat."""

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have written it out already.
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        if not is_temporary(RUN.get()):
            return super().formatException(ei)
        kind, _, trace = ei
        return "".join([*traceback.format_tb(trace), kind.__name__ if kind else ""])


class _Text(_Careful):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(run)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        run = RUN.get()
        record.run = f" [{run}]" if run else ""
        return super().format(record)


class _JSON(_Careful):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if run := RUN.get():
            line["run"] = run
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
