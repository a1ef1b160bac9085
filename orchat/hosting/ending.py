"""How long the server waits for its clients when it ends."""

import signal

import uvicorn

LET_GO_WITHIN = 5
"""Seconds that requests under way have to come to an end; after that they are cancelled."""


def bound_the_wait_for_clients() -> None:
    """Have the server that runs here wait for no client longer than `LET_GO_WITHIN`.

    It would wait for ever for one that sends no more, and what ends after it, the answers among them, never would.
    """
    # Streamlit's runner has no option for it and keeps its server to itself; it is the one that handles SIGTERM.
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = LET_GO_WITHIN
