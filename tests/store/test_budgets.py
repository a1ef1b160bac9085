"""Budgets: no requests, at whatever moment and from whatever process, reserve more than there is, and none for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchat.budgets import Period, Reservation, Scope, read_budgets
from orchat.errors import BudgetReachedError, NotFoundError
from orchat.store import Call, Store
from orchat.store.calls import LOOKED_UP_FOR, MOST_LOOKUPS, RESERVED_FOR
from tests.store.clock import Clock

CENT = Reservation(Decimal("0.01"))


def ask(store: Store, cents: str = "1", owner: str = "ann", chat: str | None = None, **known: bool) -> Call:
    wanted = Reservation(Decimal(cents) / 100)
    return store.open_call(owner, kind="chat", conversation_id=chat, wanted=wanted, **known)


def end(store: Store, call: Call, cents: str) -> None:
    store.update_call(call.owner, call.id, state="done", cost=Decimal(cents) / 100)


def stands(store: Store, scope: Scope = Scope.USER, owner: str = "ann") -> tuple[Decimal, Decimal]:
    [state] = [state for state in store.budget_states(owner) if state.budget.scope is scope]
    return state.spent * 100, state.reserved * 100


def test_what_a_request_may_cost_is_reserved_until_it_is_known_what_it_did_cost(store: Store):
    store.standing = read_budgets("user: 0.10/day")
    call = ask(store, "6")
    assert stands(store) == (0, 6)
    with pytest.raises(BudgetReachedError, match=r"may cost up to \$0.0500, and your budget for today has \$0.0400"):
        ask(store, "5")
    end(store, call, "2")
    assert stands(store) == (2, 0)
    ask(store, "8")
    assert stands(store) == (2, 8)


def test_a_refused_request_leaves_nothing_behind(store: Store):
    store.standing = read_budgets("total: 0.01")
    with pytest.raises(BudgetReachedError):
        ask(store, "2", chat="c")
    assert store.calls_of("ann", "c") == []
    assert stands(store, Scope.TOTAL) == (0, 0)


def test_all_budgets_that_apply_have_to_cover_a_request(store: Store):
    store.standing = read_budgets("user: 0.10/day, user: 0.15, total: 0.20, chat: 0.05")
    with pytest.raises(BudgetReachedError, match="the budget of this chat"):
        ask(store, "6", chat="c")
    ask(store, "9", owner="bob")
    ask(store, "9", owner="eve")
    with pytest.raises(BudgetReachedError, match="everybody's budget"):
        ask(store, "3")
    ask(store, "2")


def test_a_day_later_the_day_s_budget_is_whole_again(store: Store, clock: Clock):
    store.standing = read_budgets("user: 0.10/day, total: 0.12")
    end(store, ask(store, "10"), "10")
    clock.advance(timedelta(days=1))
    assert stands(store) == (0, 0)
    with pytest.raises(BudgetReachedError, match="everybody's budget"):
        ask(store, "10")


@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK, Period.MONTH])
def test_a_budget_holds_until_the_day_before_it_begins_anew(store: Store, clock: Clock, period: Period):
    store.standing = read_budgets(f"user: 0.10/{period}")
    [budget] = store.standing
    today = clock().date()
    end(store, ask(store, "10"), "10")
    renewed = budget.renewed(today)
    assert renewed is not None
    clock.advance(timedelta(days=(renewed - today).days - 1))
    with pytest.raises(BudgetReachedError, match="is used up"):
        ask(store, "1")
    clock.advance(timedelta(days=1))
    assert stands(store) == (0, 0)
    ask(store, "10")


def test_a_person_s_own_budget_replaces_the_standing_one_and_an_empty_one_is_no_limit(store: Store):
    store.standing = read_budgets("user: 0.01/day")
    store.set_user_limits("ann", "0.05/day, 1/month")
    ask(store, "5")
    with pytest.raises(BudgetReachedError):
        ask(store, "5", owner="bob")
    store.set_user_limits("bob", "")
    ask(store, "500", owner="bob")
    assert store.all_user_limits() == {"ann": "0.05/day, 1/month", "bob": ""}
    store.set_user_limits("bob", None)
    with pytest.raises(BudgetReachedError):
        ask(store, "1", owner="bob")
    with pytest.raises(ValueError, match="is no limit"):
        store.set_user_limits("ann", "much")


def test_a_person_can_limit_a_chat_of_theirs_and_not_loosen_the_operator_s_limit(store: Store):
    chat = store.create_conversation("ann").id
    store.set_chat_limits("ann", chat, "0.05")
    ask(store, "5", chat=chat)
    with pytest.raises(BudgetReachedError, match="the budget of this chat") as caught:
        ask(store, chat=chat)
    assert "You have set it yourself" in caught.value.advice
    assert caught.value.budget is not None
    assert (caught.value.budget["scope"], caught.value.budget["set_by"]) == ("chat", "person")
    store.set_chat_limits("ann", chat, "100")
    store.standing = read_budgets("chat: 0.06")
    with pytest.raises(BudgetReachedError, match="the budget of this chat") as caught:
        ask(store, "2", chat=chat)
    assert "Whoever runs this orchat" in caught.value.advice
    with pytest.raises(NotFoundError):
        store.set_chat_limits("bob", chat, "")
    store.set_chat_limits("ann", chat, "")
    assert store.chat_limits("ann", chat) == ""


def test_a_limit_goes_with_its_chat(store: Store):
    chat = store.create_conversation("ann").id
    store.set_chat_limits("ann", chat, "1")
    store.delete("ann", chat)
    store.purge_deleted(timedelta(seconds=-10))
    assert store.budget_states("ann", chat) == []


def test_what_a_key_of_one_s_own_pays_and_what_is_simulated_are_not_the_operator_s_money(store: Store):
    store.standing = read_budgets("user: 0.05, total: 0.05, chat: 0.20")
    end(store, ask(store, "10", chat="c", personal_key=True), "10")
    end(store, ask(store, "5", simulated=True), "5")
    assert (stands(store), stands(store, Scope.TOTAL)) == ((0, 0), (0, 0))
    ask(store, "5", chat="c")
    with pytest.raises(BudgetReachedError, match="this chat"):
        ask(store, "10", chat="c", personal_key=True)
    with pytest.raises(BudgetReachedError, match="Your budget is used up"):
        ask(store, "1", simulated=True)


def test_documents_of_everybody_count_for_the_total_alone(store: Store):
    store.standing = read_budgets("user: 0, total: 0.05")
    ask(store, "5", owner="@shared")
    assert stands(store, Scope.TOTAL) == (0, 5)


def test_what_costs_nothing_is_never_stopped_and_what_has_no_price_takes_the_rest(store: Store):
    store.standing = read_budgets("user: 0.05")
    assert store.open_call("ann", kind="chat").reserved == Decimal("0.05")
    with pytest.raises(BudgetReachedError):
        store.open_call("ann", kind="chat")
    ask(store, "0")


def test_an_answer_without_its_cost_keeps_what_is_reserved_until_it_is_looked_up(store: Store):
    store.standing = read_budgets("user: 0.10")
    call = ask(store, "6")
    store.update_call("ann", call.id, state="stopped", generation_id="gen-1")
    assert stands(store) == (0, 6)
    store.settle_call(replace(call, generation_id="gen-1"), cost=Decimal("0.04"))
    assert stands(store) == (4, 0)


@pytest.mark.parametrize("ending", ["crash", "lost", "unknown", "forgotten"])
def test_nothing_is_reserved_for_ever(store: Store, clock: Clock, ending: str):
    store.standing = read_budgets("user: 0.10")
    call = ask(store, "6")
    if ending != "crash":
        known = {} if ending == "lost" else {"generation_id": "gen-1"}
        store.update_call("ann", call.id, state="stopped", **known)
    for _ in range(MOST_LOOKUPS if ending == "unknown" else 0):
        store.settle_call(replace(call, generation_id="gen-1"))
    if ending != "unknown":
        store.close_abandoned_calls()
        assert stands(store) == (0, 6)
    waits = {"crash": RESERVED_FOR, "lost": RESERVED_FOR, "forgotten": LOOKED_UP_FOR}
    clock.advance(waits.get(ending, timedelta(0)))
    store.close_abandoned_calls()
    assert stands(store) == (0, 0)
    if ending == "crash":
        end(store, call, "3")
        assert stands(store) == (3, 0)


def test_requests_of_several_processes_never_pass_a_budget_together(url: str):
    with ExitStack() as stack:
        # Stores of their own, as processes have them: nothing in memory is shared.
        stores = [stack.enter_context(Store.open(url)) for _ in range(4)]
        for store in stores:
            store.standing = read_budgets("total: 0.10, user: 0.07")

        def race(number: int) -> bool:
            try:
                ask(stores[number % 4], owner=("ann", "bob")[number % 2])
            except BudgetReachedError:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            passed = list(threads.map(race, range(40)))
        assert sum(passed) == 10
        assert stands(stores[0], Scope.TOTAL) == (0, 10)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for all examples, whose people are new ones each time."""
    folder: Path = tmp_path_factory.mktemp("budgets")
    with Store.open(f"sqlite:///{folder}/orchat.db", now=Clock()) as store:
        yield store


PEOPLE = count()
CENTS = st.integers(0, 30)
STEPS = st.one_of(
    st.tuples(st.just("ask"), CENTS, st.booleans()),
    st.tuples(st.just("end"), st.integers(0, 200), st.integers(0, 9)),
    st.tuples(st.just("stop"), st.booleans(), st.integers(0, 9)),
    st.tuples(st.just("look up"), CENTS, st.integers(0, 9)),
    st.tuples(st.just("wait"), st.sampled_from([timedelta(minutes=30), timedelta(hours=7)]), st.just(0)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=30))
def test_spent_and_reserved_pass_a_budget_by_no_more_than_answers_cost_beyond_what_was_reserved(
    shared: Store, steps: list[tuple[str, object, object]]
):
    owner, amount = f"person-{next(PEOPLE)}", Decimal("0.60")
    shared.set_user_limits(owner, f"{amount}")
    clock: Clock = shared._now  # type: ignore[assignment] # the one that was given
    calls: list[Call] = []
    beyond = Decimal(0)
    for what, value, other in steps:
        if what == "ask":
            wanted = Reservation(Decimal(int(value)) / 100, known=bool(other))
            [before] = shared.budget_states(owner)
            if wanted.from_left(before.left) is None:
                with pytest.raises(BudgetReachedError):
                    shared.open_call(owner, kind="chat", wanted=wanted)
            else:
                calls.append(shared.open_call(owner, kind="chat", wanted=wanted))
        elif what == "wait":
            clock.advance(value)
            shared.close_abandoned_calls()
        elif calls:
            call = calls[int(other) % len(calls)]
            [kept] = [one for one in shared.every_call(owner, call.day, call.day) if one.id == call.id]
            cost = Decimal(int(value)) / 100
            if what == "stop" and kept.state == "open":
                shared.update_call(owner, call.id, state="stopped", generation_id=call.id if value else None)
            elif what == "end" and kept.state == "open" and kept.cost is None:
                shared.update_call(owner, call.id, state="done", cost=cost)
                beyond += max(Decimal(0), cost - (kept.reserved or 0))
            elif what == "look up" and kept.generation_id and kept.cost is None:
                shared.settle_call(kept, cost=cost)
                beyond += max(Decimal(0), cost - (kept.reserved or 0))
        [state] = shared.budget_states(owner)
        assert state.spent + state.reserved <= amount + beyond
    clock.advance(LOOKED_UP_FOR)
    shared.close_abandoned_calls()
    [state] = shared.budget_states(owner)
    assert state.reserved == 0
