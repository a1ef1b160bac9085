"""A process that talks at random and is ended or killed by its parent: `python -m tests.ledger.talker SEED TURNS`."""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from orchat.agent.ask import AgentAsk, Decision
from orchat.connections import Connection
from orchat.errors import BudgetReachedError
from orchat.media.intake import check, keep
from orchat.media.taking import Reading, Takes
from orchat.openrouter import RetryPolicy
from orchat.runs import Run
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Conversation, Kind, Message
from orchat.turn import Ask

TASKS = (
    "call clock {}\nsay Done.",
    "call clock {}\ncall clock {}\ncall clock {}\nsay Late.",
    "say At once.",
    "call book {}\nsay Booked.",
)
NOTES = check("notes.txt", b"The heron waits in shallow water. " * 40, Takes(), Reading.HERE)
OWNERS = ("ann", "bob")
AT_ONCE = 8
MODELS = (
    *("demo/fast", "demo/script", "demo/byok", "anthropic/claude-haiku-4.5", "openrouter/auto", "openai/gpt-5-nano")
    * 2,
    *("demo/flaky", "demo/mid-stream-error", "demo/truncated", "demo/no-finish", "demo/empty", "demo/error-in-200"),
    "google/gemini-2.5-flash-image",
    *("demo/out-of-credits", "demo/rate-limited", "demo/moderated", "demo/provider-error", "no/such-model"),
)


def main(seed: int, turns: int) -> None:
    """Say `turns` things in as many conversations, and print a line for each answer that is settled."""
    services = Services(Settings.load())
    connection = services.connection()
    # Without prices every budget would have to guess.
    connection.catalogue.current(wait=30)
    quick = connection.client.with_options(retry=RetryPolicy(attempts=2, max_delay=1.5), idle_timeout=5)
    connection = Connection(quick, connection.catalogue, connection.account, connection.source)
    # As a server ends: what runs is saved. Not by leaving `main`, which would wait for all that is still to be said.
    signal.signal(signal.SIGTERM, lambda *_: (services.close(), os._exit(0)))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        talks = [
            threads.submit(talk, services, connection, random.Random(f"{seed}/{number}")) for number in range(turns)
        ]
    services.close()
    for one in talks:
        one.result()


def talk(services: Services, connection: Connection, chance: random.Random) -> None:
    """Say something, wait for the answer or stop it, and then perhaps answer again, go on in a fork, or forget it."""
    owner, way = chance.choice(OWNERS), chance.choice((alone, alone, beside, by_the_agent))
    kind: Kind = "agent" if way is by_the_agent else "chat"
    temporary = chance.random() < 0.1
    if temporary:
        # Held until this returns, as by a tab.
        begun, _hold = services.temporary.begin(owner, kind=kind, settings={})
        chat = begun.id
    else:
        chat = services.store.create_conversation(owner, kind=kind).id
        limit(services, owner, chat, chance)
    said = chance.choice(TASKS if way is by_the_agent else ("Hello", "Draw a rainbow", "Compare a and b"))
    attached = [keep(services.store, owner, chat, NOTES)] if chance.random() < 0.2 else []
    question = services.chats.say(owner, chat, said, None, attached)
    for _ in range(chance.choice((1, 1, 2))):
        runs = way(services, owner, question, connection, chance)
        forks = [] if temporary else [fork(services, owner, run, chance) for run in runs if chance.random() < 0.2]
        for run in runs:
            wait(run, chance)
            decide(services, owner, run, connection, chance)
            sys.stdout.write("refused\n" if isinstance(run.error, BudgetReachedError) else "settled\n")
            sys.stdout.flush()
        for copied in forks:
            above = services.chats.say(owner, copied.id, said, copied.leaf_id)
            for run in way(services, owner, above, connection, chance):
                wait(run, chance)
    if chance.random() < 0.1:
        services.store.delete(owner, chat)


def alone(
    services: Services, owner: str, question: Message, connection: Connection, chance: random.Random
) -> Sequence[Run]:
    """Ask one model."""
    return [services.ask(owner, question, asked(chance), connection)]


def beside(
    services: Services, owner: str, question: Message, connection: Connection, chance: random.Random
) -> Sequence[Run]:
    """Ask several models at once."""
    return services.ask_several(owner, question, [asked(chance) for _ in range(chance.choice((2, 3)))], connection)


def by_the_agent(
    services: Services, owner: str, question: Message, connection: Connection, chance: random.Random
) -> Sequence[Run]:
    """Let the agent answer: a request to the model for each step."""
    model = chance.choice(("demo/script", "demo/script", "demo/fast", "demo/flaky", "demo/mid-stream-error"))
    return [services.ask_agent(owner, question, AgentAsk(model=model, tools=("clock", "book")), connection)]


def decide(services: Services, owner: str, run: Run, connection: Connection, chance: random.Random) -> None:
    """Allow or deny what waits for a decision, now and then, and wait for the rest of the turn."""
    chat = run.turn.conversation_id
    last = services.store.branch(owner, chat)[-1]
    if last.state == "waiting" and chance.random() < 0.8:
        ask, decision = AgentAsk(model="demo/script", tools=("clock", "book")), chance.choice(("approve", "reject"))
        wait(services.resume_agent(owner, last.id, [Decision(decision)], ask, connection), chance)


def fork(services: Services, owner: str, run: Run, chance: random.Random) -> Conversation:
    """Copy the chat while its answer is on its way, so that what that costs may become known later, or after it."""
    if chance.random() < 0.5:
        run.finished.wait(60)
    return services.chats.fork(owner, run.turn.message_id)


def asked(chance: random.Random) -> Ask:
    """Choose a model."""
    model = chance.choice(MODELS)
    auto = model == "openrouter/auto"
    return Ask(None if auto else model, auto=auto, zdr=chance.random() < 0.2)


def limit(services: Services, owner: str, chat: str, chance: random.Random) -> None:
    """Limit some chats to what one answer, or none, may cost."""
    if chance.random() < 0.2:
        services.store.set_chat_limits(owner, chat, chance.choice(("0", "0.0001", "0.05")))


def wait(run: Run, chance: random.Random) -> None:
    """Wait until the answer is settled; every third is stopped, some of them before it has begun."""
    if chance.random() < 0.33:
        deadline, events = time.monotonic() + 5, chance.choice((0, 0, 1, 3, 10, 30))
        while len(run.events) < events and run.active and time.monotonic() < deadline:
            time.sleep(0.002)
        run.stop()
    run.settled.wait(60)


if __name__ == "__main__":
    threading.stack_size(512 * 1024)
    main(int(sys.argv[1]), int(sys.argv[2]))
