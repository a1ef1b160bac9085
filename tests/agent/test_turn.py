"""A turn of the agent: every step is kept, nothing runs that was not allowed, and whatever happens it can go on."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from orchat.agent.approvals import ALLOWED_TOOLS
from orchat.agent.ask import Decision
from orchat.agent.openrouter import ChatOpenRouter
from orchat.agent.turn import AgentTurn
from orchat.errors import ApprovalExpiredError, BudgetReachedError, SpendingLimitError, StepLimitError, ZDRConflictError
from orchat.events import ApprovalNeeded, ModelAsked, Routed, ToolEnded, ToolProgressed, ToolStarted
from orchat.openrouter import ProviderPreferences
from orchat.runs import Run
from orchat.store import Store
from orchat.turn import Ask
from tests.agent.conftest import OWNER, SCRIPT, Workshop


def wait_for(run: Run, kind: type) -> Any:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if found := next((event for event in run.events if isinstance(event, kind)), None):
            return found
        time.sleep(0.01)
    raise AssertionError(f"no {kind.__name__} came")


def valid(messages: list[dict[str, Any]]) -> bool:
    """Whether every call has its result right behind it, as providers demand."""
    at = 0
    while at < len(messages):
        calls = [call["id"] for call in messages[at].get("tool_calls") or ()]
        answers = [message.get("tool_call_id") for message in messages[at + 1 : at + 1 + len(calls)]]
        if calls != answers or messages[at]["role"] == "tool":
            return False
        at += 1 + len(calls)
    return True


def test_every_step_is_kept_with_what_it_cost(shop: Workshop):
    run = shop.do('think Two sums.\ncall add {"a": 1, "b": 2} && add {"a": 3, "b": 4}\nsay Done.')
    assert run.state == "done"
    question, asked, one, two, answer = shop.branch()
    assert [m.role for m in (question, asked, one, two, answer)] == ["user", "assistant", "tool", "tool", "assistant"]
    assert sorted(shop.results()) == ["3", "7"]
    assert one.details is not None
    assert one.details["status"] == "ok"
    assert one.details["arguments"] in ({"a": 1, "b": 2}, {"a": 3, "b": 4})
    assert one.duration_ms is not None
    assert asked.wire["reasoning"] == "Two sums."
    assert answer.text == "Done."
    assert asked.cost
    assert answer.cost
    assert {m.model_answered for m in (asked, answer)} == {"demo/script-20260101"}
    assert all(m.simulated for m in (asked, answer))


def test_the_events_tell_the_steps_in_their_order(shop: Workshop):
    run = shop.do('call add {"a": 1, "b": 2}\nsay Done.')
    kinds = [type(event) for event in run.events]
    order = [ModelAsked, Routed, ToolStarted, ToolEnded, ModelAsked]
    places = [kinds.index(kind) for kind in order[:-1]]
    assert places == sorted(places)
    assert kinds.count(ModelAsked) == 2


def test_what_was_sent_is_what_is_stored(shop: Workshop):
    shop.do('call add {"a": 1, "b": 2}\nsay Done.')
    shop.do("say Again.")
    messages = shop.sent()[-1]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "assistant", "user"]
    assert messages[2]["content"] == "3"
    assert valid(messages)


def test_the_instructions_and_the_toggles_go_with_every_call(shop: Workshop):
    shop.do('call add {"a": 1, "b": 2}\nsay Done.', system_prompt="Be brief.", zdr=True)
    bodies = shop.sent()
    assert len(bodies) == 2
    for body in bodies:
        assert body["messages"][0] == {"role": "system", "content": "Be brief."}
        assert body["provider"]["zdr"] is True
        assert body["session_id"] == shop.chat


def test_the_parameters_go_with_every_call_and_the_schema_is_kept_with_the_answer(shop: Workshop):
    form = {"type": "json_object"}
    parameters = {"temperature": 0.5, "reasoning": {"effort": "low"}, "verbosity": "low", "stop": ["###"], "seed": 7}
    parameters |= {"max_tokens": 300, "response_format": form, "provider": {"require_parameters": False}}
    script = 'call add {"a": 1, "b": 2}\nsay {}'
    shop.do(script, parameters=parameters, schema={"type": "object"}, zdr=True)
    for body in shop.sent():
        assert {name: body[name] for name in parameters if name != "provider"} == {
            name: value for name, value in parameters.items() if name != "provider"
        }
        assert body["provider"] == {"require_parameters": False, "zdr": True, "data_collection": "deny"}
    assert shop.branch()[-1].details == {"schema": {"type": "object"}}


@pytest.mark.parametrize(
    "call, status, said",
    [
        ("fail {}", "error", "RuntimeError: the disk is on fire"),
        ("refuse {}", "error", "Not on a Monday."),
        ("hang {}", "timeout", "Hang took longer than 2 s."),
        ('add {"a": "x"}', "error", "Input should be a valid integer"),
        ("nowhere {}", "error", "not a valid tool"),
    ],
)
def test_a_tool_that_fails_tells_the_model_and_the_turn_goes_on(shop: Workshop, call: str, status: str, said: str):
    run = shop.do(f"call {call}\nsay So it is.")
    assert run.state == "done"
    *_, result, answer = shop.branch()
    assert result.details is not None
    assert result.details["status"] == status
    assert said in str(result.wire["content"])
    assert "Traceback" not in str(result.wire["content"])
    assert answer.text == "So it is."


def test_a_hung_tool_holds_up_nobody(shop: Workshop):
    hung = [shop.start("call hang {}")]
    other = shop.store.create_conversation(OWNER, kind="agent").id
    first, shop.chat = shop.chat, other
    assert shop.do('call add {"a": 1, "b": 2}\nsay Done.').state == "done"
    assert hung[0].active
    shop.chat = first
    shop.finish(hung[0])


def test_what_a_tool_writes_after_it_was_given_up_disturbs_no_later_step(shop: Workshop):
    run = shop.do("call linger {}\ncall wait {}\nsay So it is.")
    assert (run.state, run.error) == ("done", None)
    given_up, _ = shop.results()
    assert given_up == "Linger took longer than 2 s."


def test_long_output_is_cut_for_the_model_and_kept_whole(shop: Workshop):
    shop.do("call shout {}\nsay Loud.")
    (result,) = shop.results()
    assert len(result) < 20_200
    assert "10,007 of 30,007 characters are left out" in result
    assert result.endswith("the end")
    kept = shop.branch()[2].details
    assert kept is not None
    assert len(shop.store.file_data(OWNER, kept["full"]["sha256"])) == 30_007


def test_what_a_tool_makes_is_kept_once_and_referred_to(shop: Workshop):
    shop.do("call draw {} && draw {}\nsay Drawn.")
    references = [m.details["artifacts"] for m in shop.branch() if m.role == "tool" and m.details]
    assert references[0] == references[1]
    (reference,) = references[0]
    assert shop.store.file_data(OWNER, reference["sha256"]) == b"a\r\n1\r\n"
    assert len(shop.store.files(OWNER, shop.chat)) == 1
    assert "artifacts" not in json.dumps(shop.sent()[-1])


def test_a_tool_knows_who_asks_and_where(shop: Workshop):
    shop.do("call whoami {}\nsay I see.", zdr=True)
    assert shop.results() == ["ann True True True"]


# Stopping


def test_stopping_in_mid_tool_ends_the_tool_and_the_next_turn_is_valid(shop: Workshop):
    run = shop.start("call wait {}\nsay Never.")
    wait_for(run, ToolProgressed)
    began = time.monotonic()
    run.stop()
    shop.finish(run)
    assert time.monotonic() - began < 1
    assert run.state == "stopped"
    assert shop.branch()[-1].state == "stopped"
    assert (shop.branch()[-1].details or {})["status"] == "stopped"
    assert shop.do("say Go on.").state == "done"
    assert valid(shop.sent()[-1]["messages"])


def test_stopping_while_the_model_speaks_keeps_what_it_said(shop: Workshop):
    run = shop.start("say " + "word " * 2_000)
    wait_for(run, Routed)
    time.sleep(0.1)
    run.stop()
    shop.finish(run)
    *_, answer = shop.branch()
    assert answer.state == "stopped"
    assert answer.text.startswith("word ")
    assert "tool_calls" not in answer.wire


def test_a_turn_that_a_crash_cut_off_leaves_a_conversation_that_can_go_on(shop: Workshop):
    run = shop.start("call wait {}")
    wait_for(run, ToolProgressed)
    time.sleep(0.3)
    kept = shop.branch()
    run.stop()
    shop.finish(run)
    # What a process that is killed leaves behind: the calls without a result.
    for message in kept:
        shop.store.save_message(OWNER, message)
    assert kept[-1].state == "streaming"
    shop.do("say Go on.")
    assert valid(shop.sent()[-1]["messages"])


# Approval


def waiting(shop: Workshop, script: str = 'call book {"city": "Paris"} && add {"a": 1, "b": 1}\nsay Done.') -> Run:
    run = shop.do(script)
    assert isinstance(run.events[-1], ApprovalNeeded)
    assert run.state == "done"
    last = shop.branch()[-1]
    assert last.state == "waiting"
    assert [call["tool"] for call in (last.details or {})["approvals"]] == ["book"]
    return run


def test_nothing_of_a_step_runs_before_the_person_has_decided(shop: Workshop):
    waiting(shop)
    assert shop.results() == []


def test_allowing_runs_it(shop: Workshop):
    waiting(shop)
    assert shop.decide(Decision("approve")).state == "done"
    assert sorted(shop.results()) == ["2", "booked in Paris"]
    assert shop.branch()[-1].text == "Done."
    assert valid(shop.sent()[-1]["messages"])


def test_denying_tells_the_model_why(shop: Workshop):
    waiting(shop)
    run = shop.decide(Decision("reject", reason="Too expensive."))
    denied = next(event for event in run.events if isinstance(event, ToolEnded) and event.status == "denied")
    assert "Too expensive." in denied.content
    assert "booked" not in str(shop.results())
    assert valid(shop.sent()[-1]["messages"])


def test_edited_arguments_are_what_runs_and_the_model_is_told(shop: Workshop):
    waiting(shop)
    shop.decide(Decision("edit", {"city": "Rome"}))
    (booked,) = [result for result in shop.results() if "booked" in result]
    assert "booked in Rome" in booked
    assert "human reviewer" in booked


def test_allowing_always_asks_no_more_in_this_chat_and_only_there(shop: Workshop):
    waiting(shop)
    shop.decide(Decision("approve", always=True))
    assert shop.store.conversation(OWNER, shop.chat).settings[ALLOWED_TOOLS] == ["book"]
    assert not isinstance(shop.do('call book {"city": "Lima"}\nsay Done.').events[-1], ApprovalNeeded)
    assert "booked in Lima" in shop.results()
    shop.chat = shop.store.create_conversation(OWNER, kind="agent").id
    waiting(shop)


def test_a_pending_approval_survives_a_restart(shop: Workshop):
    waiting(shop)
    url = str(shop.store._engine.url)
    with Store.open(url) as again:
        store, shop.store = shop.store, again
        try:
            assert shop.decide(Decision("approve")).state == "done"
            assert "booked in Paris" in shop.results()
        finally:
            shop.store = store


def test_a_decision_counts_once(shop: Workshop):
    waiting(shop)
    last = shop.branch()[-1]
    shop.decide(Decision("approve"))
    with pytest.raises(ApprovalExpiredError):
        AgentTurn(shop.place, OWNER, shop.store.message(OWNER, last.id), shop.ask(), [Decision("approve")])


def test_a_checkpoint_is_kept_only_while_something_waits(shop: Workshop):
    waiting(shop)
    thread = (shop.branch()[-1].details or {})["thread"]
    assert shop.store.checkpoint(OWNER, thread) is not None
    shop.decide(Decision("approve"))
    assert shop.store.checkpoint(OWNER, thread) is None


def test_asking_something_else_instead_leaves_the_call_undone(shop: Workshop):
    waiting(shop)
    assert shop.do("say Never mind.").state == "done"
    assert shop.results() == []
    messages = shop.sent()[-1]["messages"]
    assert valid(messages)
    assert "not carried out" in messages[2]["content"]


@contextmanager
def edited(shop: Workshop, old: str, new: str) -> Iterator[None]:
    """The tools' module with something else in it."""
    (folder,) = shop.toolbox._folders
    file = folder / "several.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    try:
        yield
    finally:
        file.write_text(text)


def test_a_tool_that_asks_no_more_meanwhile_is_still_not_run_when_it_was_denied(shop: Workshop):
    waiting(shop)
    with edited(shop, '{"approval": "ask"}', '{"approval": "auto"}'):
        assert shop.decide(Decision("reject")).state == "done"
    assert "booked" not in str(shop.results())


def test_a_tool_that_asks_from_now_on_asks_from_the_next_step_on(shop: Workshop):
    waiting(shop, 'call book {"city": "Paris"} && add {"a": 1, "b": 1}\ncall add {"a": 2, "b": 2}\nsay Done.')
    with edited(shop, 'PLUGIN = {"approval": "auto"', 'PLUGIN = {"approval": "ask"'):
        run = shop.decide(Decision("approve"))
    assert sorted(shop.results()) == ["2", "booked in Paris"]
    assert isinstance(run.events[-1], ApprovalNeeded)


def test_server_tools_are_refused_before_anything_is_sent_while_zdr_is_on(shop: Workshop):
    run = shop.do("say Hello.", zdr=True, server_tools=("openrouter:web_search",))
    assert isinstance(run.error, ZDRConflictError)
    assert shop.sent() == []


# Limits


def test_a_turn_ends_at_its_limit_of_steps(shop: Workshop):
    run = shop.do('call add {"a": 1, "b": 1}\n' * 4, max_steps=2)
    assert isinstance(run.error, StepLimitError)
    assert len(shop.sent()) == 2
    assert (shop.branch()[-1].error or {})["kind"] == "StepLimitError"
    assert shop.results() == ["2", "2"]


def test_a_turn_ends_at_its_limit_of_dollars(shop: Workshop):
    run = shop.do('call add {"a": 1, "b": 1}\n' * 4, max_cost=Decimal("0.000001"))
    assert isinstance(run.error, SpendingLimitError)
    assert len(shop.sent()) == 1


def test_an_approval_does_not_renew_the_limits(shop: Workshop):
    waiting(shop, 'call book {"city": "Paris"}\ncall add {"a": 1, "b": 1}\nsay Done.')
    run = shop.decide(Decision("approve"), max_steps=1)
    assert isinstance(run.error, StepLimitError)


def test_an_error_of_the_model_is_kept_with_its_card(shop: Workshop):
    run = shop.do("Hello", model="demo/out-of-credits")
    assert run.state == "failed"
    assert (shop.branch()[-1].error or {})["kind"] == "InsufficientCreditsError"


def test_the_part_of_an_answer_that_came_before_an_error_is_kept(shop: Workshop):
    run = shop.do("Explain gravity.", model="demo/mid-stream-error")
    assert run.state == "failed"
    assert shop.branch()[-1].text


def test_a_budget_that_is_used_up_between_two_steps_ends_the_turn_and_keeps_what_it_has(shop: Workshop):
    # Its price is not known here, so that the first step takes what there is; after it nothing is left.
    shop.store.set_chat_limits(OWNER, shop.chat, "0.0000001")
    run = shop.do('call add {"a": 1, "b": 2}\nsay Done.')
    assert isinstance(run.error, BudgetReachedError)
    *_, asked, result, last = shop.branch()
    assert (asked.state, result.wire["content"], result.state) == ("done", "3", "done")
    assert (last.state, last.text) == ("failed", "")
    assert last.error is not None
    assert last.error["kind"] == "BudgetReachedError"
    assert last.error["budget"]["scope"] == "chat"
    assert len(shop.sent()) == 1
    shop.store.set_chat_limits(OWNER, shop.chat, "")
    assert shop.do("say Go on.").state == "done"
    assert valid(shop.sent()[-1]["messages"])


def test_what_a_tool_asks_a_model_is_in_the_ledger_and_shown_with_the_call(shop: Workshop):
    run = shop.do("call ponder {}\ncall brood {}\nsay Done.", zdr=True)
    assert run.state == "done"
    assert shop.results()[1] == "Heavy."
    calls = [call for call in shop.store.calls_of(OWNER, shop.chat) if call.kind == "tool"]
    assert [(call.model_asked, call.state, call.zdr) for call in calls] == [
        ("demo/fast", "done", True),
        (SCRIPT, "done", True),
    ]
    shown = [Decimal(m.details["cost"]) for m in shop.branch() if m.role == "tool" and m.details]
    assert shown == pytest.approx([call.cost for call in calls])
    assert [event.cost for event in run.events if isinstance(event, ToolEnded)] == shown


def test_who_may_not_see_it_is_told_with_what_a_tool_asks_too(shop: Workshop):
    asked = Ask(provider=ProviderPreferences(sort="price", ignore=("deepinfra",), data_collection="deny"))
    context = shop.place.context(OWNER, shop.chat, asked)
    assert context.chat_model is not None
    context.chat_model("demo/fast").invoke("Hello")
    context.chat_model("demo/fast", openrouter_provider={"sort": "latency", "ignore": []}).invoke("Hello")
    told = {"ignore": ["deepinfra"], "data_collection": "deny"}
    bodies = [request.body for request in shop.demo.requests if request.body][-2:]
    assert [body["provider"] for body in bodies] == [told, {"sort": "latency", **told}]


def test_a_tool_s_model_obeys_budgets_too(shop: Workshop):
    shop.store.set_chat_limits(OWNER, shop.chat, "0.0000001")
    place = shop.place
    context = place.context(OWNER, shop.chat, Ask())
    assert context.chat_model is not None
    context.chat_model("demo/fast").invoke("Hello")
    with pytest.raises(BudgetReachedError):
        context.chat_model("demo/fast").invoke("Hello")


def test_a_budget_that_is_used_up_before_a_summary_ends_the_turn_at_once_and_says_so(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchat.agent.graph.WINDOW", 2_000)
    monkeypatch.setattr("orchat.agent.turn.AgentTurn._profile", lambda _: None)
    leaf = None
    for number in range(24):
        role = "assistant" if number % 2 else "user"
        wire = {"role": role, "content": f"{number} " + "A long history that has to be summarised. " * 80}
        leaf = shop.store.add_message(OWNER, shop.chat, role=role, wire=wire, parent_id=leaf).id
    shop.store.set_chat_limits(OWNER, shop.chat, "0.00000001")
    # Its price is not known here: the first request takes what there is.
    shop.do("say Done.")
    sent = len(shop.sent())
    asked = []
    monkeypatch.setattr(ChatOpenRouter, "_request", noting(ChatOpenRouter._request, asked))
    run = shop.do("say Done.")
    assert isinstance(run.error, BudgetReachedError)
    assert len(shop.sent()) == sent
    # Not tried again and again: nothing can have changed.
    assert len(asked) == 1


def noting(function: Any, calls: list[Any]) -> Any:
    def noted(*args: Any) -> Any:
        calls.append(args)
        return function(*args)

    return noted
