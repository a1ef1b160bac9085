"""One upstream key for each person, with a limit: made once, sealed, disabled, renewed, ended."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchat.demo import DemoServer
from orchat.demo.account import DEMO_MANAGEMENT_KEY
from orchat.errors import AuthenticationError, KeyLimitError, KeyNotMadeError, SealError, SettingsError
from orchat.openrouter import OpenRouterClient, RetryPolicy
from orchat.people.made_keys import KNOWN, SEALED, MadeKeys
from orchat.settings import Settings
from orchat.store import Store

SECRET = "s" * 32
QUESTION = [{"role": "user", "content": "Hello"}]
Start = Callable[..., MadeKeys]


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo:
        yield demo


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'orchat.db'}") as store:
        yield store


@pytest.fixture
def client(demo: DemoServer) -> Iterator[OpenRouterClient]:
    with OpenRouterClient(demo.api_key, base_url=demo.base_url, retry=RetryPolicy(attempts=1)) as client:
        yield client


@pytest.fixture
def start(store: Store, client: OpenRouterClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.chdir(tmp_path)

    def start(manager: str = DEMO_MANAGEMENT_KEY, **given: Any) -> MadeKeys:
        always = {
            "ORCHAT_KEYS": "each",
            "ORCHAT_SECRET": SECRET,
            "OPENROUTER_MANAGEMENT_KEY": manager,
            "ORCHAT_DATA_DIR": tmp_path,
        }
        return MadeKeys(Settings(**{**always, **given}), store, lambda: client.with_options(api_key=manager))

    return start


def made(demo: DemoServer) -> list[Any]:
    return list(demo.made_keys)


def test_a_key_is_made_once_with_its_limit_and_is_nowhere_in_clear(start: Start, demo: DemoServer, store: Store):
    keys = start(ORCHAT_KEY_LIMIT="7.50", ORCHAT_KEY_LIMIT_RESET="weekly")
    key = keys.key("ann", "Ann")
    assert keys.key("ann", "Ann") == key
    assert start(ORCHAT_KEY_LIMIT="7.50", ORCHAT_KEY_LIMIT_RESET="weekly").key("ann", "Ann") == key
    [upstream] = made(demo)
    assert (upstream.name, upstream.limit, upstream.limit_reset) == ("orchat: Ann", 7.5, "weekly")
    assert keys.key("bob", "Bob") != key
    sealed = store.sealed("ann", SEALED)
    assert sealed is not None
    assert key.encode() not in sealed
    assert key not in str(store.preference("ann", KNOWN))


def test_of_two_replicas_that_make_one_at_the_same_time_one_is_kept_and_the_other_is_ended(
    start: Start, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
):
    both, create = threading.Barrier(2), OpenRouterClient.create_key

    def together(*arguments: Any, **options: Any) -> Any:
        key = create(*arguments, **options)
        both.wait(10)
        return key

    monkeypatch.setattr(OpenRouterClient, "create_key", together)
    replicas = [start(), start()]
    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(lambda replica: replica.key("ann", "Ann"), replicas))
    assert keys[0] == keys[1]
    [left] = made(demo)
    known = replicas[0].known("ann")
    assert known is not None
    assert left.hash == known.hash


def test_it_answers_until_its_limit_is_spent(start: Start, demo: DemoServer, client: OpenRouterClient):
    own = client.with_options(api_key=start(ORCHAT_KEY_LIMIT="0.000001").key("ann", "Ann"))
    assert own.account().limit == Decimal("0.000001")
    own.complete(QUESTION, model="anthropic/claude-opus-4.6")
    with pytest.raises(KeyLimitError):
        own.complete(QUESTION, model="anthropic/claude-opus-4.6")


def test_who_is_locked_out_has_a_key_that_pays_nothing_until_they_are_let_in(
    start: Start, demo: DemoServer, client: OpenRouterClient
):
    keys = start()
    own = client.with_options(api_key=keys.key("ann", "Ann"))
    keys.disable("ann", disabled=True)
    with pytest.raises(AuthenticationError):
        own.complete(QUESTION, model="demo/fast")
    known = keys.known("ann")
    assert known is not None
    assert known.disabled
    keys.disable("ann", disabled=False)
    assert own.complete(QUESTION, model="demo/fast").text
    keys.disable("nobody", disabled=True)


def test_a_renewed_key_takes_the_place_of_the_old_one_which_ends(
    start: Start, demo: DemoServer, client: OpenRouterClient
):
    keys = start()
    old = keys.key("ann", "Ann")
    keys.renew("ann", "Ann")
    assert keys.key("ann", "Ann") != old
    assert len(made(demo)) == 1
    with pytest.raises(AuthenticationError):
        client.with_options(api_key=old).complete(QUESTION, model="demo/fast")


def test_a_limit_that_the_operator_changes_goes_for_keys_that_are_there(start: Start, demo: DemoServer):
    key = start(ORCHAT_KEY_LIMIT="5").key("ann", "Ann")
    assert start(ORCHAT_KEY_LIMIT="8", ORCHAT_KEY_LIMIT_RESET="never").key("ann", "Ann") == key
    [upstream] = made(demo)
    assert (upstream.limit, upstream.limit_reset) == (8, None)


def test_a_key_that_is_forgotten_is_ended_also_when_somebody_has_ended_it_by_hand(
    start: Start, demo: DemoServer, store: Store
):
    keys = start()
    for by_hand in (False, True):
        keys.key("ann", "Ann")
        if by_hand:
            demo.made_keys.delete(made(demo)[0].hash)
        keys.forget("ann")
        assert made(demo) == []
        assert keys.known("ann") is None
        assert store.sealed("ann", SEALED) is None


def test_what_openrouter_refuses_is_said_and_nothing_is_kept(start: Start, demo: DemoServer, store: Store):
    keys = start(manager="sk-or-v1-an-ordinary-key")
    with pytest.raises(KeyNotMadeError, match="Only management keys") as caught:
        keys.key("ann", "Ann")
    assert "OPENROUTER_MANAGEMENT_KEY" in caught.value.advice
    assert "sk-or" not in f"{caught.value} {caught.value.advice}"
    assert keys.known("ann") is None
    assert store.sealed("ann", SEALED) is None


def test_with_another_secret_a_key_cannot_be_read_and_can_be_renewed(start: Start, demo: DemoServer):
    start().key("ann", "Ann")
    keys = start(ORCHAT_SECRET="t" * 32)
    with pytest.raises(SealError):
        keys.key("ann", "Ann")
    keys.renew("ann", "Ann")
    assert keys.key("ann", "Ann")


@pytest.mark.parametrize("missing", ["OPENROUTER_MANAGEMENT_KEY", "ORCHAT_SECRET"])
def test_keys_for_each_need_a_management_key_and_a_secret(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    given = {"ORCHAT_KEYS": "each", "ORCHAT_SECRET": SECRET, "OPENROUTER_MANAGEMENT_KEY": DEMO_MANAGEMENT_KEY}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    with pytest.raises(SettingsError, match="ORCHAT_KEYS=each needs"):
        Settings.load()
