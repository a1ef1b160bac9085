"""Logs: to the console, as text or as JSON, with the run that a line belongs to and without anybody's words."""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

from orchat.choices import LogFormat
from orchat.temporary import is_temporary

REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The id of the HTTP request that is being served, as its response and perhaps a proxy names it."""
PAGE: ContextVar[str | None] = ContextVar("page", default=None)
"""The id of one drawing of a page. What is begun there, an answer for instance, has it too."""
RUN: ContextVar[str | None] = ContextVar("run", default=None)
"""The id of the message that is being answered, or of the chat that a person calls a tool in: it joins their lines."""
_IDS = (REQUEST, PAGE, RUN)
_OURS = "orchat"


def log_to_the_console(level: str, form: LogFormat) -> None:
    """Write orchat's log to the console from `level` on; once, however often it is called."""
    logger = logging.getLogger(_OURS)
    logger.setLevel(level)
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    for handler in logger.handlers:
        handler.setFormatter(formatter(form))


def formatter(form: LogFormat) -> logging.Formatter:
    """Return what writes lines in that form, others' lines too."""
    return _JSON() if form is LogFormat.JSON else _Text()


class _Careful(logging.Formatter):
    """Writes where an error was and of which kind, not what it says, where that may quote a person.

    That is an error of a temporary chat, and whatever others log: nobody here has expected it, nor knows what it holds.
    """

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have written it out already.
        record.exc_text = self.trace(record)
        return super().format(record)

    def trace(self, record: logging.LogRecord) -> str | None:
        """Return the traceback of a line, None where it has none."""
        if not record.exc_info or record.exc_info[1] is None:
            return None
        expected = record.name.split(".")[0] == _OURS and not is_temporary(RUN.get())
        return self.formatException(record.exc_info) if expected else without_words(record.exc_info[1])


class _Text(_Careful):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(run)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        run = RUN.get()
        record.run = f" [{run}]" if run else ""
        return super().format(record)


class _JSON(_Careful):
    """One object a line, with the ids of what it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {ids.name: known for ids in _IDS if (known := ids.get())}
        if trace := self.trace(record):
            line["trace"] = trace
        return json.dumps(line, ensure_ascii=False)


def without_words(error: BaseException | None) -> str:
    """Return where an error was and of which kind, with what caused it, and not what it says."""
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        parts.insert(0, "".join([*traceback.format_tb(error.__traceback__), type(error).__qualname__]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\n".join(parts)
