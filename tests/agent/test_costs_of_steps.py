"""A step knows what it cost, however it ended and whenever that becomes known: the ledger knows its message."""

from decimal import Decimal

import pytest

from orchat.ledger import LedgerEntry
from orchat.runs import Run
from orchat.store import Call, Message
from tests.agent.conftest import OWNER, Workshop

TWO_STEPS = 'call add {"a": 1, "b": 2}\nsay Done.'


def steps(shop: Workshop) -> list[Message]:
    return [message for message in shop.branch() if message.role == "assistant"]


def calls(shop: Workshop) -> list[Call]:
    return [call for call in shop.store.calls_of(OWNER, shop.chat) if call.kind == "agent"]


def test_each_step_is_the_answer_to_its_own_request(shop: Workshop):
    shop.do(TWO_STEPS)
    assert [call.message_id for call in calls(shop)] == [step.id for step in steps(shop)]
    assert [call.cost for call in calls(shop)] == [step.cost for step in steps(shop)]


def test_what_is_asked_beside_the_steps_has_no_message_of_its_own(shop: Workshop):
    shop.do("call brood {}\nsay Done.")
    assert [call.message_id for call in shop.store.calls_of(OWNER, shop.chat) if call.kind == "tool"] == [None]


def stopped_before_its_first_word(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Stop a turn when OpenRouter has taken the request of its second step, and has said nothing yet."""
    begun, told = LedgerEntry.begun, [0]

    def begin(entry: LedgerEntry, generation_id: str | None) -> None:
        told[0] += 1
        begun(entry, generation_id)
        if told[0] == 2:
            run.stop()

    monkeypatch.setattr(LedgerEntry, "begun", begin)
    run = shop.start(TWO_STEPS)
    return shop.finish(run)


def test_a_step_that_is_stopped_before_its_first_word_learns_its_cost(shop: Workshop, monkeypatch: pytest.MonkeyPatch):
    assert stopped_before_its_first_word(shop, monkeypatch).state == "stopped"
    _, call = calls(shop)
    shop.store.settle_call(call, cost=Decimal("0.5"))
    (call,) = [found for found in calls(shop) if found.id == call.id]
    *_, step = shop.branch()
    assert (step.role, step.state, step.text) == ("assistant", "stopped", "")
    assert call.cost == step.cost is not None
    assert shop.do("say Go on.").state == "done"


def test_a_step_is_kept_before_its_request_is_sent(shop: Workshop, monkeypatch: pytest.MonkeyPatch):
    # A process that is killed then finds it, and its cost, when it starts again.
    begun, kept = LedgerEntry.begun, []

    def begin(entry: LedgerEntry, generation_id: str | None) -> None:
        kept.append([step.id for step in steps(shop)])
        begun(entry, generation_id)

    monkeypatch.setattr(LedgerEntry, "begun", begin)
    shop.do(TWO_STEPS)
    first, second = (step.id for step in steps(shop))
    assert kept == [[first], [first, second]]
