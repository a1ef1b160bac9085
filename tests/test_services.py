"""What all visitors of a process share: connections, runs that survive what happens to the process, leftovers."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import orchat.services as services_module
from orchat.connections import KeySource
from orchat.demo import DemoServer
from orchat.demo.account import DEMO_MANAGEMENT_KEY
from orchat.errors import AuthenticationError, ClosingError, RunInProgressError, StoreError
from orchat.events import TextDelta
from orchat.openrouter import OpenRouterClient
from orchat.people.keyring import OPENROUTER
from orchat.people.made_keys import SEALED
from orchat.people.sealing import Seal
from orchat.runs import Deadline, Run
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Message, State
from orchat.turn import Ask
from tests.waiting import until

ROOT = Path(__file__).parents[1]
OWNER = "ann"
ANSWERING = """
import sys, time
from orchat.turn import Ask
from orchat.events import TextDelta
from orchat.services import Services
from orchat.settings import Settings

services = Services(Settings.load())
chat = services.store.create_conversation("ann").id
question = services.chats.say("ann", chat, "Go on for long", None)
run = services.ask("ann", question, Ask("demo/long"), services.connection())
length = 0
for batch in run.follow():
    length += sum(len(event.text) for event in batch if isinstance(event, TextDelta))
    print(time.monotonic(), length, flush=True)
    if length > int(sys.argv[1]):
        break
services.close()
"""


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=1) as server:
        yield server


@pytest.fixture
def environment(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of the process and of its children; the folder for the data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OPENROUTER_API_KEY", demo.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", demo.base_url)
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def start(environment: Path) -> Iterator[Callable[[], Services]]:
    """Start orchat's services; more than once is as after a restart."""
    started: list[Services] = []

    def start() -> Services:
        started.append(Services(Settings.load()))
        return started[-1]

    yield start
    for services in started:
        services.close()


def answering(most: int, *options: str) -> "subprocess.Popen[str]":
    """A process that is being answered: it prints when and how much text it has, and closes after `most` characters."""
    command = [sys.executable, *options, "-c", ANSWERING, str(most)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ask(services: Services, model: str = "demo/long") -> Run:
    """Begin an answer in a new chat."""
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "Go on for long", None)
    return services.ask(OWNER, question, Ask(model), services.connection())


def shown(services: Services) -> list[Message]:
    """The only chat, as the page shows it."""
    [chat] = services.store.conversations(OWNER)
    return services.chats.branch(OWNER, chat.id)


def leave_behind(
    services: Services, demo: DemoServer, state: State, *, simulated: bool = False, owner: str = OWNER
) -> str:
    """Keep an answer as a process leaves it that ended before it knew the cost; returns its id."""
    with OpenRouterClient(demo.api_key, base_url=demo.base_url) as client:
        reply = client.complete([{"role": "user", "content": "Hello"}], model="demo/fast")
    chat = services.store.create_conversation(owner).id
    question = services.chats.say(owner, chat, "Hello", None)
    known = {"state": state, "generation_id": reply.id, "simulated": simulated}
    wire = {"role": "assistant", "content": "Hel"}
    kept = services.store.add_message(owner, chat, role="assistant", wire=wire, parent_id=question.id, **known)
    call = services.store.open_call(
        owner, kind="chat", conversation_id=chat, message_id=kept.id, model_asked="demo/fast", simulated=simulated
    )
    services.store.update_call(owner, call.id, state=state, generation_id=reply.id)
    return kept.id


def test_after_kill_9_the_question_is_there_and_a_second_of_text_is_lost_at_most(
    start: Callable[[], Services], monkeypatch: pytest.MonkeyPatch
):
    with answering(most=10**6) as process:
        lines = [process.stdout.readline().split()]
        while float(lines[-1][0]) - float(lines[0][0]) < 3:
            lines.append(process.stdout.readline().split())
        killed_at = time.monotonic()
        process.kill()
    services = start()
    question, answer = shown(services)
    assert question.text == "Go on for long"
    written_at = max(float(moment) for moment, length in lines if int(length) <= len(answer.text))
    assert len(answer.text) > 100
    assert killed_at - written_at < 2

    # Nobody knows yet that it is not being written any more; a moment later everybody does.
    assert answer.state == "streaming"
    monkeypatch.setattr("orchat.chats.STALE_AFTER", timedelta(0))
    assert shown(services)[-1].state == "cut_off"
    services.runs.submit(services.settle_leftovers()).result(20)
    until(lambda: shown(services)[-1].cost is not None)
    assert shown(services)[-1].text == answer.text


def test_upkeep_goes_on_after_a_bug_and_does_what_the_bug_does_not_touch(
    start: Callable[[], Services], demo: DemoServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr("orchat.upkeep.UPKEEP_EVERY", 0.05)
    monkeypatch.setattr("orchat.chats.STALE_AFTER", "a bug: no timedelta")
    services = start()
    unpaid, abandoned = leave_behind(services, demo, "stopped"), leave_behind(services, demo, "streaming")
    until(lambda: services.store.message(OWNER, unpaid).cost is not None)
    assert "upkeep" in caplog.text
    monkeypatch.setattr("orchat.chats.STALE_AFTER", timedelta(0))
    until(lambda: services.store.message(OWNER, abandoned).state == "cut_off")


def test_closing_with_an_answer_on_its_way_saves_it_and_complains_of_nothing(start: Callable[[], Services]):
    with answering(200, "-X", "dev", "-W", "error") as process:
        lines, stderr = process.communicate(timeout=60)
    # In development mode asyncio also notes each step that a busy machine made slow.
    complaints = [line for line in stderr.splitlines() if not line.startswith("Executing <")]
    assert (complaints, process.returncode) == ([], 0)
    services = start()
    _, answer = shown(services)
    assert answer.state == "stopped"
    assert len(answer.text) >= int(lines.split()[-1])


def test_closing_hangs_up_on_openrouter_and_can_be_done_twice(start: Callable[[], Services], demo: DemoServer):
    services = start()
    run = ask(services)
    until(lambda: any(isinstance(event, TextDelta) for event in run.events))
    services.close()
    services.close()
    until(lambda: next(r for r in demo.requests if r.path.endswith("/completions")).closed_early)


def test_while_it_closes_no_answer_is_begun_and_the_question_stays(
    start: Callable[[], Services], monkeypatch: pytest.MonkeyPatch
):
    services = start()
    chat = services.store.create_conversation(OWNER).id
    question = services.chats.say(OWNER, chat, "Hello", None)
    stop_all, refused = services.runs.stop_all, list[str]()

    def meanwhile(deadline: Deadline) -> None:
        with pytest.raises(ClosingError) as error:
            services.ask(OWNER, question, Ask("demo/fast"), services.connection())
        refused.append(error.value.advice)
        assert [one.id for one in services.store.branch(OWNER, chat)] == [question.id]
        stop_all(deadline)

    monkeypatch.setattr(services.runs, "stop_all", meanwhile)
    services.close()
    assert "Send it again" in refused[0]


@pytest.mark.parametrize("attempt", range(8))
def test_closing_gives_up_what_was_still_looked_up(
    start: Callable[[], Services], caplog: pytest.LogCaptureFixture, attempt: int
):
    services = start()
    run = ask(services, "demo/fast")
    until(lambda: any(isinstance(event, TextDelta) for event in run.events))
    services.connection().account.refresh()
    services.close()
    assert run.settled.is_set()
    assert not services.connection().account.pending
    assert caplog.text == ""


def test_what_is_written_here_is_never_taken_for_abandoned(
    start: Callable[[], Services], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchat.chats.STALE_AFTER", timedelta(0))
    services = start()
    ask(services)
    assert shown(services)[-1].state == "streaming"


def test_a_second_question_is_refused_and_hides_nothing_of_the_answer_that_streams(start: Callable[[], Services]):
    services = start()
    run = ask(services)
    second = services.chats.say(OWNER, run.turn.conversation_id, "And another one", run.turn.message_id)
    with pytest.raises(RunInProgressError):
        services.ask(OWNER, second, Ask("demo/fast"), services.connection())
    run.stop()
    assert run.finished.wait(5)
    assert [message.state for message in shown(services)] == ["done", "stopped", "done"]


@pytest.mark.parametrize("state", ["stopped", "failed", "cut_off"])
def test_after_a_restart_what_broken_off_answers_cost_is_looked_up(
    start: Callable[[], Services], demo: DemoServer, state: State
):
    services = start()
    answer = leave_behind(services, demo, state)
    services.runs.submit(services.settle_leftovers()).result(20)
    until(lambda: services.store.message(OWNER, answer).cost)
    kept = services.store.message(OWNER, answer)
    assert (kept.state, kept.text) == (state, "Hel")
    [call] = services.store.calls_of(OWNER, kept.conversation_id)
    assert (call.state, call.provider) == (state, "Demo")
    assert call.cost == pytest.approx(kept.cost)
    assert kept.completion_tokens > 0


@pytest.mark.parametrize("keys", ["own", "each"])
def test_what_people_pay_with_keys_of_their_own_is_looked_up_with_these(
    start: Callable[[], Services], demo: DemoServer, keys: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ORCHAT_KEYS", keys)
    monkeypatch.setenv("ORCHAT_SECRET", "s" * 40)
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", DEMO_MANAGEMENT_KEY)
    services = start()
    hers = leave_behind(services, demo, "stopped")
    unknown = leave_behind(services, demo, "stopped", owner="bob")
    seal = Seal(["s" * 40])
    services.store.save_sealed(OWNER, {"own": OPENROUTER, "each": SEALED}[keys], seal.close(OWNER, demo.api_key))
    services.runs.submit(services.settle_leftovers()).result(20)
    assert services.store.message(OWNER, hers).cost is not None
    # Of others nobody asks, and it stays unknown.
    assert services.store.message("bob", unknown).cost is None
    asked = {request.query for request in demo.requests if request.path.endswith("/generation")}
    assert asked == {f"id={services.store.message(OWNER, hers).generation_id}"}


def test_what_was_simulated_is_not_looked_up_at_openrouter(start: Callable[[], Services], demo: DemoServer):
    services = start()
    real = leave_behind(services, demo, "stopped")
    # The newest is looked up first.
    leave_behind(services, demo, "stopped", simulated=True)
    services.runs.submit(services.settle_leftovers()).result(20)
    until(lambda: services.store.message(OWNER, real).cost)
    asked = {request.query for request in demo.requests if request.path.endswith("/generation")}
    assert asked == {f"id={services.store.message(OWNER, real).generation_id}"}


def test_a_visitors_key_goes_before_the_servers_and_that_before_simulation(
    start: Callable[[], Services], monkeypatch: pytest.MonkeyPatch
):
    assert start().connection().source is KeySource.SERVER
    assert start().connection("sk-or-v1-mine").source is KeySource.VISITOR
    monkeypatch.delenv("OPENROUTER_API_KEY")
    assert start().connection().simulated
    assert start().connection("sk-or-v1-mine").source is KeySource.VISITOR
    monkeypatch.setenv("ORCHAT_DEMO", "never")
    assert start().connection().source is KeySource.NONE


def test_visitors_share_the_catalogue_and_not_the_account(start: Callable[[], Services], demo: DemoServer):
    services = start()
    mine, yours = services.connection("sk-or-v1-mine"), services.connection("sk-or-v1-yours")
    assert services.connection("sk-or-v1-mine") is mine
    assert mine.catalogue is yours.catalogue
    assert mine.account is not yours.account
    assert "sk-or" not in repr(mine)


def test_a_key_is_checked_before_it_is_used(start: Callable[[], Services], demo: DemoServer):
    services = start()
    assert services.check_key(demo.api_key).left is not None
    with pytest.raises(AuthenticationError):
        services.check_key("sk-or-v1-invalid")
    with pytest.raises(AuthenticationError, match="management key"):
        services.check_key(demo.management_key)


def test_with_a_chat_that_is_purged_goes_the_folder_its_code_ran_in(
    start: Callable[[], Services], monkeypatch: pytest.MonkeyPatch
):
    services = start()
    gone, kept = (services.store.create_conversation(OWNER, kind="agent").id for _ in range(2))
    folders = services.settings.data_dir / "workspaces"
    for chat in (gone, kept):
        (folders / chat).mkdir(parents=True)
        (folders / chat / "made.csv").write_text("1")
    services.store.delete(OWNER, gone)
    services._purge()
    assert (folders / gone).exists()
    monkeypatch.setattr(services_module, "PURGE_AFTER", timedelta(seconds=-1))
    services._purge()
    # The upkeep of the start may be at it too, and have taken this chat a moment before.
    until(lambda: [folder.name for folder in folders.iterdir()] == [kept])


def test_a_start_that_fails_since_the_database_does_leaves_no_thread(environment: Path):
    (environment / "data").write_text("no folder")
    before = threading.enumerate()
    with pytest.raises(StoreError):
        Services(Settings.load())
    # Each page that is opened tries it again.
    assert threading.enumerate() == before
