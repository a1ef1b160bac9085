"""What all visitors of this process share, made once."""

import gc
import threading
from importlib import import_module

from orchat.connections import Connection
from orchat.people import Keyring
from orchat.people.connecting import Connections
from orchat.services import Services
from orchat.settings import Settings
from orchat.ui import session

artifact_address: str | None = None
"""Where the hosted entry serves the frame for HTML from tools; None where there is no hosted entry."""
WARM_UP_AFTER = 2.0
"""Seconds after the start: the first page comes first."""


_starting = threading.Lock()
_started: list[Services] = []
_on_the_way: list[Connections] = []


def services() -> Services:
    """Return the services; they are started at the first call.

    They are no cached resource: any visitor may clear Streamlit's caches, and with them everybody's answers.
    """
    with _starting:
        if not _started:
            _started.append(Services(Settings.load()))
            warm_up = threading.Timer(WARM_UP_AFTER, _warm_up)
            warm_up.daemon = True
            warm_up.start()
        return _started[0]


def keyring() -> Keyring:
    """Return the keyring of people's own keys."""
    return Keyring(services().settings, services().store)


def on_the_way() -> Connections:
    """Return who is on the way to OpenRouter's page and back."""
    with _starting:
        if not _on_the_way:
            _on_the_way.append(Connections(Settings.load().base_url))
        return _on_the_way[0]


def close() -> None:
    """Stop what is running and let go of everything; the next call of `services` starts anew."""
    with _starting:
        _on_the_way.clear()
        while _started:
            _started.pop().close()


def _warm_up() -> None:
    """Load what `st.write_stream` loads at its first use, before the first answer has to wait for it."""
    for name in ("pandas", "pyarrow"):
        import_module(name)
    # Streamlit collects garbage after every script run; what is alive now lives for ever and need not be looked at
    # again. benchmarks/reruns.py measures the difference.
    gc.collect()
    gc.freeze()


def connection() -> Connection:
    """Return this visitor's way to OpenRouter."""
    current = session.current()
    current.connection = services().connection(current.key)
    return current.connection
