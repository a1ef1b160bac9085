"""A process that talks at random and is killed by its parent: `python -m tests.ledger.talker SEED TURNS`."""

import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from orchat.connections import Connection
from orchat.errors import BudgetReachedError
from orchat.openrouter import RetryPolicy
from orchat.runs import Run
from orchat.services import Services
from orchat.settings import Settings
from orchat.turn import Ask

OWNERS = ("ann", "bob")
AT_ONCE = 8
MODELS = (
    *("demo/fast", "demo/script", "demo/byok", "anthropic/claude-haiku-4.5", "openrouter/auto", "openai/gpt-5-nano")
    * 2,
    *("demo/flaky", "demo/mid-stream-error", "demo/truncated", "demo/no-finish", "demo/empty", "demo/error-in-200"),
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
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(turns):
            threads.submit(talk, services, connection, random.Random(f"{seed}/{number}"))
    services.close()


def talk(services: Services, connection: Connection, chance: random.Random) -> None:
    """Say something, wait for the answer or stop it, and then perhaps answer again, or forget the conversation."""
    owner, model = chance.choice(OWNERS), chance.choice(MODELS)
    chat = services.store.create_conversation(owner).id
    ask = Ask(None if model == "openrouter/auto" else model, auto=model == "openrouter/auto", zdr=chance.random() < 0.2)
    limit(services, owner, chat, chance)
    question = services.chats.say(owner, chat, chance.choice(("Hello", "Explain rainbows", "Compare a and b")), None)
    for _ in range(chance.choice((1, 1, 2))):
        run = services.ask(owner, question, ask, connection)
        wait(run, chance)
        sys.stdout.write("refused\n" if isinstance(run.error, BudgetReachedError) else "settled\n")
        sys.stdout.flush()
    if chance.random() < 0.1:
        services.store.delete(owner, chat)


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
