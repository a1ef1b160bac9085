"""Whoever dumps what a process holds, as tools for errors do, finds no secret in how any object shows itself."""

from collections.abc import Callable, Iterator
from typing import Any

from orchat.ui import resources
from tests.ui.chat_app import ChatApp

MARK = "5c1f7a"
SECRETS = {
    "OPENROUTER_API_KEY": f"sk-or-v1-server-{MARK}",
    "OPENROUTER_MANAGEMENT_KEY": f"sk-or-v1-management-{MARK}",
    "ORCHAT_SECRET": f"a-secret-of-at-least-32-letters-{MARK}",
    "ORCHAT_METRICS_TOKEN": f"metrics-{MARK}",
    "ORCHAT_OIDC_CLIENT_SECRET": f"oidc-{MARK}",
    "ORCHAT_SANDBOX_GATEWAY_TOKEN": f"gateway-{MARK}",
    "ORCHAT_TOOL_SETTINGS": f'{{"web_page": {{"api_key": "tool-{MARK}"}}}}',
}
MOST = 50_000


def held_by(root: Any) -> Iterator[Any]:
    """All that an object holds, and what that holds: attributes, entries, members."""
    seen: set[int] = set()
    waiting = [root]
    while waiting and len(seen) < MOST:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, str | bytes | int | float | type):
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, dict):
            waiting += [*one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += [*one]
        elif type(one).__module__.partition(".")[0] in {"orchat", "httpx"}:
            slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
            waiting += [*getattr(one, "__dict__", {}).values()]
            waiting += [getattr(one, name, None) for name in slots if not name.startswith("__")]


def test_no_object_of_the_process_or_of_a_tab_shows_a_secret(start: Callable[..., ChatApp]):
    app = start(**SECRETS)
    app.session.key = f"sk-or-v1-pasted-{MARK}"
    app.run()
    app.send("Hello")
    shown, kinds = {}, set()
    for root in (app.session, app.services, app.services.settings, resources.keyring()):
        for one in held_by(root):
            if type(one).__module__.partition(".")[0] in {"orchat", "httpx"}:
                kinds.add(type(one).__name__)
                shown[type(one).__name__] = shown.get(type(one).__name__, "") + repr(one) + str(one)
    assert {"Session", "Services", "Settings", "Connection", "AsyncOpenRouterClient", "Keyring"} <= kinds
    assert {kind for kind, text in shown.items() if MARK in text} == set()
