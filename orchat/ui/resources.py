"""What all visitors of this process share, made once."""

from __future__ import annotations

import gc
import threading
import time
from functools import cache
from importlib import import_module
from ipaddress import ip_address
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from orchat.people import LOCAL
from orchat.ui import option_lock, session
from orchat.ui.tab import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchat.connections import Connection
    from orchat.people.connecting import Connections
    from orchat.people.keyring import Keyring
    from orchat.people.made_keys import MadeKeys
    from orchat.services import Services
    from orchat.settings import Settings

artifact_address: str | None = None
"""Where the hosted entry serves the frame for HTML from tools; None where there is no hosted entry."""
when_started: Callable[[Services], None] | None = None
"""Told of the services each time they have been started, whoever was the first to ask for them."""
COLLECT_AFTER = (2_000, 5, 200)
"""When Python looks for garbage: a page makes thousands of objects, for which its 700 are too few, and leaves many that
only refer to each other: with a hundred tabs, ten times as many would be 10 to 30 kB of each. All objects are looked
through rarely, since nobody's words move meanwhile."""
WARM_UP_AFTER = 2.0
"""Seconds after the start: the first page comes first."""
KNOWN_FOR = 30.0
"""Seconds after which it is looked up again whether somebody may still be here."""

_starting = threading.Lock()
_started: list[Services] = []
_settings: list[Settings] = []
_on_the_way: list[Connections] = []
_made_keys: list[MadeKeys] = []


def settings() -> Settings:
    """Return the settings, read at the first call; raises SettingsError."""
    from orchat.settings import Settings

    if not _settings:
        _settings.append(Settings.load())
    return _settings[0]


def services() -> Services:
    """Return the services; they are started at the first call.

    Whoever has been locked out meanwhile gets none: what a click would do is not done, and the page is drawn anew.
    They are no cached resource: any visitor may clear Streamlit's caches, and with them everybody's answers.
    """
    started = _services()
    if _is_shut_out(started):
        session.current().known_until = 0
        st.rerun()
    return started


def _is_shut_out(started: Services) -> bool:
    """Look whether the visitor may still be here: for operators with each click, for others from time to time."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return False
    current = session.current()
    due = current.person.operator or current.known_until < time.monotonic()
    if current.drawing or not due or current.person in (NOBODY, LOCAL):
        return False
    if started.store.is_blocked(current.owner):
        return True
    current.known_until = time.monotonic() + KNOWN_FOR
    return False


def _services() -> Services:
    with _starting:
        if not _started:
            # Here, since they load the database and HTTP: the box to write in is on the screen before.
            from orchat.services import Services

            # The hosted entry stands behind a proxy, whatever it listens at.
            alone = artifact_address is None and _loopback_only(st.get_option("server.address"))
            option_lock.open_to_readers()
            _started.append(Services(settings(), loopback_only=alone))
            if when_started is not None:
                when_started(_started[0])
            warm_up = threading.Timer(WARM_UP_AFTER, _warm_up)
            warm_up.daemon = True
            warm_up.start()
        return _started[0]


def keyring() -> Keyring:
    """Return the keyring of people's own keys."""
    from orchat.people.keyring import Keyring

    return Keyring(settings(), services().store)


def made_keys() -> MadeKeys | None:
    """Return the keys that are made for people; None where none are."""
    from orchat.choices import Keys
    from orchat.people.made_keys import MadeKeys

    if settings().keys is not Keys.EACH:
        return None
    with _starting:
        if not _made_keys:
            _made_keys.append(MadeKeys(settings(), _started[0].store, _started[0].connections.manager))
        return _made_keys[0]


def on_the_way() -> Connections:
    """Return who is on the way to OpenRouter's page and back."""
    from orchat.people.connecting import Connections

    with _starting:
        if not _on_the_way:
            _on_the_way.append(Connections(settings().base_url))
        return _on_the_way[0]


def _loopback_only(address: str | None) -> bool:
    """Whether an address to listen at is reached from this machine alone; without one it is all of them."""
    if address == "localhost":
        return True
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def close() -> None:
    """Stop what is running and let go of everything; the next call of `services` starts anew."""
    with _starting:
        _on_the_way.clear()
        _made_keys.clear()
        _settings.clear()
        while _started:
            _started.pop().close()


def _warm_up() -> None:
    """Load what `st.write_stream` loads at its first use, before the first answer has to wait for it."""
    for name in ("pandas", "pyarrow"):
        import_module(name)
    # Nothing is frozen: a tab that is open by now would never be forgotten, nor what it holds.
    gc.set_threshold(*COLLECT_AFTER)


@cache
def warm_up_agent() -> None:
    """Begin to load LangChain's agent while the person still writes what it shall do."""
    threading.Thread(target=import_module, args=("orchat.agent.turn",), daemon=True).start()


def connection() -> Connection:
    """Return this visitor's way to OpenRouter."""
    current = session.current()
    from orchat.connections import KeySource

    source = KeySource.MADE if current.key_is_made else KeySource.VISITOR
    current.connection = services().connection(current.key, source)
    return current.connection
