"""The account is read without waiting, and asked for again beside."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from orchat.demo import DemoServer
from orchat.errors import AuthenticationError
from orchat.openrouter import AsyncOpenRouterClient, RetryPolicy, Scope
from orchat.openrouter.watch import AccountWatch
from orchat.runs import Runs
from tests.openrouter.upstream import Answer, Connection, Upstream, answering

PATIENCE = 10.0
Watch = Callable[..., AccountWatch]


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0, credits=5) as server:
        yield server


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watch the account behind a key."""
    runs = Runs()
    clients: list[AsyncOpenRouterClient] = []

    def watch(url: str, key: str) -> AccountWatch:
        clients.append(AsyncOpenRouterClient(key, base_url=url, retry=RetryPolicy(attempts=1)))
        return AccountWatch(clients[-1], runs.submit)

    yield watch
    for client in clients:
        runs.submit(client.aclose()).result(5)
    runs.close()


def settled(watch: AccountWatch) -> AccountWatch:
    deadline = time.monotonic() + PATIENCE
    while watch.pending:
        assert time.monotonic() < deadline, "no answer came in time"
        time.sleep(0.005)
    return watch


def left_on_key(amount: float | None, budget: float | None = None) -> Answer:
    data = {"limit": 10, "limit_remaining": amount, "effective_budget": {"remaining_usd": budget}}
    return answering(json.dumps({"data": data}).encode(), headers={"content-type": "application/json"})


def held_until(event: threading.Event, then: Answer) -> Answer:
    def answer(connection: Connection) -> None:
        event.wait(PATIENCE)
        then(connection)

    return answer


def test_the_first_look_knows_nothing_yet_and_asks(demo: DemoServer, watch: Watch):
    account = watch(demo.base_url, demo.api_key)
    assert (account.account, account.pending) == (None, False)
    account.current()
    assert settled(account).current().left == Decimal(5)
    assert account.change is None


def test_looking_never_waits_for_openrouter(upstream: Upstream, watch: Watch):
    go_on = threading.Event()
    upstream.answers = [held_until(go_on, left_on_key(3))]
    account = watch(upstream.url, "sk-or-v1-key")
    assert account.current() is None
    assert upstream.asked.wait(PATIENCE)
    assert account.current() is None
    assert account.pending
    go_on.set()
    assert settled(account).current().left == 3


def test_looking_again_within_a_minute_asks_nothing(demo: DemoServer, watch: Watch):
    account = watch(demo.base_url, demo.api_key)
    for _ in range(5):
        account.current()
        settled(account)
    assert len(demo.requests) == 1


def test_what_is_older_than_a_minute_is_asked_for_again(
    demo: DemoServer, watch: Watch, monkeypatch: pytest.MonkeyPatch
):
    account = watch(demo.base_url, demo.api_key)
    account.current()
    settled(account)
    monkeypatch.setattr("orchat.openrouter.watch.MAX_AGE", 0)
    demo.credits = 4
    assert account.current().left == 5
    assert settled(account).account.left == 4


def test_a_change_is_told_and_stays_told_while_nothing_moves(demo: DemoServer, watch: Watch):
    account = watch(demo.base_url, demo.api_key)
    changes = []
    for credits_left in (5, 4.75, 4.75, 6):
        demo.credits = credits_left
        account.refresh()
        changes.append(settled(account).change)
    assert changes == [None, Decimal("-0.25"), Decimal("-0.25"), Decimal("1.25")]


def test_what_moves_after_a_mark_is_one_change(demo: DemoServer, watch: Watch):
    account = watch(demo.base_url, demo.api_key)
    account.refresh()
    settled(account).mark()
    changes = []
    for credits_left in (4.75, 4.7, 4.7):
        demo.credits = credits_left
        account.refresh()
        changes.append(settled(account).change)
    assert changes == [Decimal("-0.25"), Decimal("-0.3"), Decimal("-0.3")]
    account.mark()
    demo.credits = 4.6
    account.refresh()
    assert settled(account).change == Decimal("-0.1")


def test_what_is_asked_while_an_answer_is_awaited_is_asked_afterwards(upstream: Upstream, watch: Watch):
    go_on = threading.Event()
    upstream.answers = [held_until(go_on, left_on_key(3)), left_on_key(2), left_on_key(1)]
    account = watch(upstream.url, "sk-or-v1-key")
    account.refresh()
    assert upstream.asked.wait(PATIENCE)
    # A reply has been paid for meanwhile: the answer that is awaited does not know it yet.
    account.refresh()
    account.refresh()
    go_on.set()
    assert settled(account).account.left == 2
    assert len(upstream.requests) == 2


def test_numbers_of_different_things_are_not_subtracted(upstream: Upstream, watch: Watch):
    upstream.answers = [left_on_key(3), left_on_key(None, budget=50)]
    account = watch(upstream.url, "sk-or-v1-key")
    account.refresh()
    assert settled(account).account.scope is Scope.KEY
    account.refresh()
    assert settled(account).account.scope is Scope.BUDGET
    assert account.change is None


def test_a_problem_is_kept_beside_what_was_known_until_it_is_over(upstream: Upstream, watch: Watch):
    refused = answering(b'{"error": {"code": 401, "message": "User not found."}}', status=401, headers={})
    upstream.answers = [left_on_key(3), refused, left_on_key(3)]
    account = watch(upstream.url, "sk-or-v1-key")
    account.refresh()
    assert settled(account).problem is None
    account.refresh()
    assert isinstance(settled(account).problem, AuthenticationError)
    assert account.account.left == 3
    account.refresh()
    assert settled(account).problem is None


@pytest.mark.parametrize("body", [b"[]", b'{"data": []}', b"{}", b"<html>"])
def test_an_answer_that_makes_no_sense_is_a_problem_or_unknown_and_never_broke(
    upstream: Upstream, watch: Watch, body: bytes
):
    upstream.answers = [answering(body, headers={"content-type": "application/json"})]
    account = watch(upstream.url, "sk-or-v1-key")
    account.refresh()
    settled(account)
    assert account.problem is not None or account.account.left is None
