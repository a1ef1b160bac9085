"""A proxy's word for who is there: from its own addresses only, however it is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from benchmarks.page_client import Tab
from orchat.demo import DemoServer
from orchat.people import proxy
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED

Header = tuple[str, str]
ANN: Header = ("X-Forwarded-User", "ann@example.com")


class ProxiedTab(Tab):
    """A tab that comes with headers, as through a proxy."""

    headers: list[Header]

    def __enter__(self) -> "ProxiedTab":
        address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        self._connection = connect(
            address, subprotocols=[Subprotocol("streamlit")], max_size=None, additional_headers=self.headers
        )
        self._socket = self._connection.__enter__()
        return self


def owners(app: AppProcess, *headers: Header) -> set[str]:
    """Who is known after a visit with these headers."""
    tab = ProxiedTab(app.port)
    tab.headers = list(headers)
    with tab:
        tab.rerun()
    with app.store as store:
        return {known.owner for known in store.everybody()}


def start(demo: DemoServer, folder: Path, trusted: str, **settings: str) -> AppProcess:
    settings = {"ORCHAT_LOGIN": "proxy", "ORCHAT_PROXY_ADDRESSES": trusted, **settings}
    return AppProcess(demo, folder, entry=HOSTED, **settings)


@pytest.fixture(scope="module")
def trusting(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with start(demo, tmp_path_factory.mktemp("trusting"), "127.0.0.0/8") as app:
        yield app


@pytest.fixture(scope="module")
def distrusting(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with start(demo, tmp_path_factory.mktemp("distrusting"), "192.0.2.1") as app:
        yield app


def test_the_proxy_is_believed(trusting: AppProcess):
    assert owners(trusting, ANN) == {"proxy|ann@example.com"}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-Forwarded-User", "")],
        [ANN, ("X-Forwarded-User", "eve")],
        [(proxy.HEADER, "token:eve")],
        [(proxy.HEADER, proxy.vouch("eve"))],
    ],
)
def test_nobody_is_let_in_by_any_other_word(trusting: AppProcess, headers: list[Header]):
    assert "proxy|eve" not in owners(trusting, *headers)


@pytest.mark.parametrize("more", [[], [("X-Forwarded-For", "192.0.2.1")], [("Forwarded", "for=192.0.2.1")]])
def test_who_is_not_the_proxy_is_not_believed_and_cannot_pose_as_it(distrusting: AppProcess, more: list[Header]):
    assert owners(distrusting, ANN, *more) == set()
    with distrusting.store as store:
        noted = [entry for entry in store.audited() if entry.details.get("called") == ANN[1]]
    assert {entry.details["why"] for entry in noted} == {"named in the proxy's header, from another address"}
    assert "127.0.0.1" in {entry.actor for entry in noted}


def test_a_proxy_on_this_machine_is_believed_where_uvicorn_leaves_its_address_alone(demo: DemoServer, tmp_path: Path):
    with start(demo, tmp_path, "127.0.0.1", FORWARDED_ALLOW_IPS="") as app:
        assert owners(app, ANN, ("X-Forwarded-For", "198.51.100.7")) == {"proxy|ann@example.com"}
