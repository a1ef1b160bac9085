"""The catalogue answers at once with what it has, survives restarts, and is renewed beside."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.errors import ConnectionFailedError
from orchat.openrouter import OpenRouterClient, RetryPolicy
from orchat.openrouter.cache import CatalogueCache
from tests import waiting
from tests.openrouter.upstream import Connection, Upstream, answering

JSON = {"content-type": "application/json"}
OFFLINE = "http://127.0.0.1:9/api/v1"
PATIENCE = 10.0


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Callable[[str], OpenRouterClient]]:
    clients: list[OpenRouterClient] = []

    def connect(url: str) -> OpenRouterClient:
        clients.append(OpenRouterClient(base_url=url, retry=RetryPolicy(attempts=1)))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def online(connect: Callable[[str], OpenRouterClient], demo: DemoServer) -> OpenRouterClient:
    return connect(demo.base_url)


@pytest.fixture
def offline(connect: Callable[[str], OpenRouterClient]) -> OpenRouterClient:
    return connect(OFFLINE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "catalogue.json"


@pytest.fixture
def old(online: OpenRouterClient, path: Path) -> Path:
    """A catalogue that an earlier process fetched two hours ago, with one model less than there are now."""
    CatalogueCache(online, path).current(wait=PATIENCE)
    kept = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**kept, "models": kept["models"][1:], "fetched_at": time.time() - 7200}), "utf-8")
    return path


def requests(demo: DemoServer) -> int:
    return len([request for request in demo.requests if request.path.endswith(("/models", "/endpoints/zdr"))])


def until(condition: Callable[[], object]) -> None:
    waiting.until(condition, PATIENCE)


def listing(count: int) -> bytes:
    entries = [{"id": f"maker/model-{number}", "description": "words " * 60} for number in range(count)]
    return json.dumps({"data": entries}).encode()


def test_the_first_look_is_empty_and_does_not_wait(upstream: Upstream, connect: Callable[[str], OpenRouterClient]):
    go_on = threading.Event()

    def slowly(connection: Connection) -> None:
        go_on.wait(PATIENCE)
        answering(listing(3), headers=JSON)(connection)

    upstream.answers = [slowly, answering(b'{"data": []}', headers=JSON)]
    cache = CatalogueCache(connect(upstream.url))
    assert len(cache.current()) == 0
    assert cache.loading
    go_on.set()
    assert len(cache.current(wait=PATIENCE)) == 3
    assert not cache.loading


def test_a_kept_catalogue_is_asked_for_once(online: OpenRouterClient, demo: DemoServer):
    cache = CatalogueCache(online)
    before = requests(demo)
    first = cache.current(wait=PATIENCE)
    assert first.find("openrouter/auto")
    assert first.zdr_ids
    assert cache.current() is first
    assert requests(demo) - before == 2


def test_many_who_look_at_once_make_one_request(
    online: OpenRouterClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchat.openrouter.cache.RETRY_AFTER", 0)
    cache = CatalogueCache(online)
    before = requests(demo)
    found: list[int] = []
    visitors = [threading.Thread(target=lambda: found.append(len(cache.current(wait=PATIENCE)))) for _ in range(20)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert found == [len(cache.current())] * 20
    assert requests(demo) - before == 2


def test_a_restart_makes_no_request(online: OpenRouterClient, offline: OpenRouterClient, path: Path):
    first = CatalogueCache(online, path).current(wait=PATIENCE)
    restarted = CatalogueCache(offline, path)
    kept = restarted.current()
    assert kept.models == first.models
    assert kept.zdr_ids == first.zdr_ids
    assert [model.raw for model in kept.models] == [model.raw for model in first.models]
    assert (restarted.loading, restarted.problem) == (False, None)


def test_an_old_catalogue_is_given_at_once_and_renewed_beside(online: OpenRouterClient, old: Path):
    cache = CatalogueCache(online, old)
    first = cache.current()
    assert len(first) > 0
    until(lambda: len(cache.current()) == len(first) + 1)
    assert time.time() - json.loads(old.read_text("utf-8"))["fetched_at"] < 60
    assert list(old.parent.iterdir()) == [old]


def test_offline_an_old_catalogue_is_better_than_none(offline: OpenRouterClient, old: Path):
    cache = CatalogueCache(offline, old)
    assert len(cache.current()) > 0
    until(lambda: cache.problem)
    assert isinstance(cache.problem, ConnectionFailedError)
    assert len(cache.current()) > 0


def test_a_catalogue_from_the_future_is_renewed_too(online: OpenRouterClient, demo: DemoServer, old: Path):
    kept = json.loads(old.read_text("utf-8"))
    old.write_text(json.dumps({**kept, "fetched_at": time.time() + 10**6}), "utf-8")
    before = requests(demo)
    cache = CatalogueCache(online, old)
    cache.current()
    until(lambda: requests(demo) - before == 2)


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"models": 3}', '{"models": [[]], "zdr_endpoints": []}', "\0"])
def test_a_broken_file_is_reported_and_fetched_anew(
    online: OpenRouterClient, path: Path, broken: str, caplog: pytest.LogCaptureFixture
):
    path.parent.mkdir()
    path.write_text(broken, "utf-8")
    assert len(CatalogueCache(online, path).current(wait=PATIENCE)) > 0
    assert str(path) in caplog.text
    assert json.loads(path.read_text("utf-8"))["models"]


def test_where_nothing_can_be_kept_the_catalogue_stays_in_memory(
    online: OpenRouterClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "file").write_text("in the way")
    cache = CatalogueCache(online, tmp_path / "file" / "catalogue.json")
    assert len(cache.current(wait=PATIENCE)) > 0
    assert cache.problem is None
    assert "cannot be kept" in caplog.text


def test_a_failure_is_not_repeated_at_every_look(
    offline: OpenRouterClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    cache = CatalogueCache(offline)
    for _ in range(5):
        assert len(cache.current(wait=PATIENCE)) == 0
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert not cache.loading
    monkeypatch.setattr("orchat.openrouter.cache.RETRY_AFTER", 0)
    cache.current(wait=PATIENCE)
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 2


def test_a_problem_is_over_with_the_next_success(upstream: Upstream, connect: Callable[[str], OpenRouterClient]):
    upstream.answers = [answering(b"{}", status=500, headers=JSON)]
    upstream.answers += [answering(listing(2), headers=JSON), answering(b'{"data": []}', headers=JSON)]
    cache = CatalogueCache(connect(upstream.url))
    cache.renew()
    assert cache.problem is not None
    cache.renew()
    assert cache.problem is None
    assert len(cache.current()) == 2


def test_a_large_catalogue_is_read_from_disk_in_a_moment(
    upstream: Upstream, connect: Callable[[str], OpenRouterClient], path: Path
):
    upstream.answers = [answering(listing(450), headers=JSON), answering(b'{"data": []}', headers=JSON)]
    client = connect(upstream.url)
    CatalogueCache(client, path).current(wait=PATIENCE)

    def restart() -> float:
        began = time.perf_counter()
        assert len(CatalogueCache(client, path).current()) == 450
        return time.perf_counter() - began

    assert min(restart() for _ in range(5)) < 0.1
