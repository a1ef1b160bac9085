"""Logs: to the console, as text or as JSON, with the run that a line belongs to and without anybody's words."""

import json
import logging
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

from orchat.choices import LogFormat

REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The id of the HTTP request that is being served, as its response and perhaps a proxy names it."""
PAGE: ContextVar[str | None] = ContextVar("page", default=None)
"""The id of one drawing of a page. What is begun there, an answer for instance, has it too."""
RUN: ContextVar[str | None] = ContextVar("run", default=None)
"""The id of the message that is being answered, or of the chat that a person calls a tool in: it joins their lines."""
_IDS = (REQUEST, PAGE, RUN)
_OURS = "orchat"
MOST_ERRORS = 50
"""That are named of one error: a group may hold thousands, and a line is read by people."""


def log_to_the_console(level: str, form: LogFormat) -> None:
    """Write orchat's log to the console from `level` on, and Streamlit's as it is; once, however often it is called."""
    logger = logging.getLogger(_OURS)
    logger.setLevel(level)
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    for handler in [*logger.handlers, *_streamlits()]:
        handler.setFormatter(formatter(form))


def _streamlits() -> Iterator[logging.Handler]:
    """Yield what Streamlit writes with: an error in a page that nobody has caught is logged there."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.partition(".")[0] == "streamlit" and isinstance(logger, logging.Logger):
            yield from logger.handlers


def formatter(form: LogFormat) -> logging.Formatter:
    """Return what writes lines in that form, others' lines too."""
    return _JSON() if form is LogFormat.JSON else _Text()


class _Careful(logging.Formatter):
    """Writes where an error was and of which kind, not what it says: that may quote a person, or hold a key.

    Whoever logs an error with its trace has not expected it, and does not know what it holds.
    """

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have written it out already.
        record.exc_text = self.trace(record)
        return super().format(record)

    def trace(self, record: logging.LogRecord) -> str | None:
        """Return the traceback of a line, None where it has none."""
        error = record.exc_info[1] if record.exc_info else None
        return None if error is None else without_words(error)


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


def without_words(error: BaseException) -> str:
    """Return where an error and all that led to it were and of which kind, and not what any of them says.

    Of one with more than `MOST_ERRORS` of them, not all are named.
    """
    parts: list[str] = []
    seen: set[int] = set()

    def write(one: BaseException | None) -> None:
        if one is None or id(one) in seen or len(seen) >= MOST_ERRORS:
            return
        seen.add(id(one))
        write(one.__cause__ or (None if one.__suppress_context__ else one.__context__))
        for part in one.exceptions if isinstance(one, BaseExceptionGroup) else ():
            write(part)
        parts.append(f"{_frames(one)}{type(one).__qualname__}")

    write(error)
    return "\n\n".join(parts)


def _frames(error: BaseException) -> str:
    """Return where an error went through, without the lines of source: those of a tool may hold a key."""
    found = traceback.extract_tb(error.__traceback__)
    bare = [traceback.FrameSummary(frame.filename, frame.lineno, frame.name, line="") for frame in found]
    return "".join(traceback.StackSummary.from_list(bare).format())
