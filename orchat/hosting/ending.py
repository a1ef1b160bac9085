"""How long the server that runs here may take to end, whatever a client or the database does."""

import logging
import os
import signal
import threading

import uvicorn

LET_GO_WITHIN = 5
"""Seconds that requests under way have to come to an end; after that they are cancelled."""
ENDS_WITHIN = 12.0
"""Seconds that all of the rest has. Then the process ends, whatever a thread of it still waits for."""
log = logging.getLogger(__name__)


class Ending:
    """The end of the server that runs here; where none does, nothing is bounded and nothing ended."""

    def __init__(self) -> None:
        # Streamlit's runner keeps its server to itself and has no option for this. It is what handles SIGTERM.
        server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
        self._ours = isinstance(server, uvicorn.Server)
        if isinstance(server, uvicorn.Server):
            # By itself it waits for ever for a client that sends no more, and so do the answers for being saved.
            server.config.timeout_graceful_shutdown = LET_GO_WITHIN

    def begins(self) -> None:
        """See to it that the process is gone in time."""
        if not self._ours:
            return
        # Python waits for its workers, and they for a database that neither answers nor refuses.
        at_last = threading.Timer(ENDS_WITHIN, _end)
        at_last.daemon = True
        at_last.start()


def _end() -> None:
    log.warning("orchat ends before everything was closed: something has not answered for %.0f seconds", ENDS_WITHIN)
    os._exit(1)
