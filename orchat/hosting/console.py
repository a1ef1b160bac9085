"""The console of a hosted process: all of it is written in one form, and what nobody expected without its words."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from orchat.choices import LogFormat
from orchat.logs import formatter, log_to_the_console
from orchat.settings import Settings

log = logging.getLogger(__name__)


def take_over(settings: Settings) -> None:
    """Let all of the process write as orchat does: server, pages, libraries, uncaught errors; with JSON nothing else.

    For a process of orchat's own, before it serves anything.
    """
    if settings.log_format is LogFormat.JSON:
        sys.stderr = JSONStream(sys.stderr)
    log_to_the_console(settings.log_level, settings.log_format)
    _Logger.form = formatter(settings.log_format)
    for handler in _handlers():
        handler.setFormatter(_Logger.form)
    # For the loggers without any handler, as uvicorn leaves its own.
    last = logging.StreamHandler()
    last.setLevel(logging.WARNING)
    last.setFormatter(_Logger.form)
    logging.lastResort = last
    logging.setLoggerClass(_Logger)
    logging.captureWarnings(capture=True)
    # Without one of its own they would be dropped.
    logging.getLogger("py.warnings").addHandler(last)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _handlers() -> Iterator[logging.StreamHandler[Any]]:
    """Return what writes to the console by now."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if type(handler) is logging.StreamHandler:
                yield handler


class _Logger(logging.Logger):
    """Streamlit gives each of its loggers a handler of its own, whenever the module is loaded."""

    form: logging.Formatter

    def addHandler(self, hdlr: logging.Handler) -> None:  # noqa: N802 - logging's name
        """Add a handler; one for the console writes in the form of all."""
        if type(hdlr) is logging.StreamHandler:
            hdlr.setFormatter(self.form)
        super().addHandler(hdlr)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and issubclass(kind, Exception):
        # As somebody else's: nobody knows what it quotes.
        logging.getLogger("uncaught").error("Uncaught %s", kind.__qualname__, exc_info=(kind, error, trace))


class JSONStream(io.TextIOBase):
    """A text stream before another one: lines that are objects pass, others become their message.

    It is for what no logger writes: a library that prints, and Python itself.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._open = threading.local()

    def write(self, text: str) -> int:
        """Write text; what comes in one piece stays one line."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        begun = getattr(self._open, "text", "") + text
        whole, newline, rest = begun.rpartition("\n")
        self._open.text = rest
        if newline and whole.strip():
            self._stream.write(f"{whole if _is_json(whole) else _as_json(whole)}\n")
            self._stream.flush()
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:  # type: ignore[override] # it is one of text
        """Write several pieces as one."""
        self.write("".join(lines))

    def flush(self) -> None:
        """Write what is there; a line that is not complete waits for its rest."""
        self._stream.flush()

    def fileno(self) -> int:
        """Return what the stream behind writes to."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """No colours, wherever it goes."""
        return False

    @property
    def encoding(self) -> str:  # type: ignore[override] # of the stream behind
        """The encoding of the stream behind."""
        return self._stream.encoding


def _is_json(text: str) -> bool:
    try:
        return all(isinstance(json.loads(line), dict) for line in text.split("\n"))
    except ValueError:
        return False


def _as_json(text: str) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "level": "WARNING", "logger": "stderr", "message": text}, ensure_ascii=False)
