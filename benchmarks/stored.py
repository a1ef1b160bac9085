"""What 100,000 stored messages cost: the sums of the usage page, and a search in the text of all of them."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from sqlalchemy import insert, text

from benchmarks import app
from benchmarks.app import App
from benchmarks.page_client import Tab
from benchmarks.processes import Process
from benchmarks.report import Bar, Row, Table
from benchmarks.rounds import medians
from benchmarks.scale import Scale
from orchat.store import Store
from orchat.store.tables import calls, messages
from tests.store.postgresql import installed_programs, temporary_server

MESSAGES = 100_000
OWNER = "local"
MODELS = 25
DAYS = 90
SHOWN = 30
"""Days that the usage page shows as long as nobody chooses others."""
WORDS, VOCABULARY = 60, 5_000
ROUNDS = 5


def usage(scale: Scale) -> Table:
    """Add up the ledger as the usage page does, and open that page."""
    number = 200 if scale.tiny else MESSAGES
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{Path(folder) / 'orchat.db'}") as store:
        fill_ledger(store, number, DAYS)
        spent = medians(scale.rounds(ROUNDS), {"the usage page's sums": partial(_cpu, partial(sums, store))})
    opened = _opened(number, scale)
    rows = [
        *(Row("CPU of the sums", name, value, "s", None, Bar(most=1)) for name, value in spent.items()),
        *(Row("CPU of opening it in a new tab", name, value, "s", None, Bar(most=1)) for name, value in opened.items()),
    ]
    note = f"{number:,} requests to {MODELS} models: the sums of {DAYS} days; the page, as it opens, with {SHOWN} days."
    return Table("Usage", rows, [note])


def _opened(number: int, scale: Scale) -> dict[str, float]:
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        with Store.open(f"sqlite:///{Path(folder) / 'orchat.db'}") as store:
            fill_ledger(store, number, SHOWN)
        upstream = running.enter_context(Process(["-m", "benchmarks.upstream"]))
        server = running.enter_context(app.orchat(upstream.line(), folder))
        _cpu_to_open(server)
        time.sleep(app.SETTLING)
        return medians(scale.rounds(ROUNDS), {"the usage page": partial(_cpu_to_open, server)})


def _cpu_to_open(server: App) -> float:
    """Seconds of the server's CPU: one thread draws the page, so that it takes as long where nothing else runs."""
    before = server.process.cpu()
    with Tab(server.port, name="usage") as tab:
        tab.rerun()
    return server.process.cpu() - before


def sums(store: Store) -> None:
    """What the page asks of the store when it is opened."""
    today = datetime.now(UTC).date()
    days = (today - timedelta(days=DAYS), today)
    store.spending(OWNER, *days)
    store.first_tokens(OWNER, *days)
    store.spending_by_chat(OWNER, *days)


def fill_ledger(store: Store, number: int, days: int) -> None:
    """Enter requests of the last days."""
    now, chance = datetime.now(UTC), random.Random(1)
    rows = []
    for at in range(number):
        moment = now - timedelta(days=chance.randrange(days), seconds=chance.randrange(80_000))
        rows.append(
            {
                **{column.name: None for column in calls.c if column.name != "number"},
                "id": f"call-{at}",
                "owner": OWNER,
                "conversation_id": f"chat-{at // 20}",
                "kind": "chat" if at % 20 else "title",
                "state": "done",
                "day": moment.date(),
                "started_at": moment,
                "model_answered": f"maker/model-{min(chance.randrange(MODELS), chance.randrange(MODELS))}",
                "provider": f"Provider {at % 3}",
                "prompt_tokens": chance.randrange(20_000),
                "completion_tokens": chance.randrange(2_000),
                "cost": None if at % 100 == 0 else Decimal(chance.randrange(10**9)).scaleb(-12),
                "first_token_ms": chance.randrange(200, 4_000),
                "zdr": False,
                "simulated": False,
                "lookups": 0,
            }
        )
    with store._writing() as connection:  # noqa: SLF001 - one transaction for all of them
        for start in range(0, number, 5_000):
            connection.execute(insert(calls), rows[start : start + 5_000])


def search(scale: Scale) -> Table:
    """Search in the text of all messages, for words of three kinds."""
    number = 200 if scale.tiny else MESSAGES
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{Path(folder) / 'orchat.db'}") as store:
        rows = list(_searches(store, "SQLite", number, scale))
    if programs := installed_programs():
        with temporary_server(programs) as url, Store.open(url) as store:
            rows += _searches(store, "PostgreSQL", number, scale)
    return Table("Search", rows, [f"{number:,} messages of {WORDS} words each."])


def _searches(store: Store, name: str, number: int, scale: Scale) -> Iterator[Row]:
    fill_messages(store, number)
    with store._writing() as connection:  # noqa: SLF001
        # What PostgreSQL does by itself within a minute.
        connection.execute(text("ANALYZE"))
    common, *others = vocabulary()[:3]
    wanted = {
        "a rare word": "needle",
        "a common word": common,
        "three common words": " ".join((common, *others)),
        "the two first letters": common[:2],
    }
    subjects = {kind: partial(_seconds, partial(store.search, OWNER, words)) for kind, words in wanted.items()}
    for kind, value in medians(scale.rounds(ROUNDS), subjects).items():
        yield Row("time of a search", f"{name}, {kind}", value * 1000, "ms", None, Bar(most=50))


def vocabulary() -> list[str]:
    """Made-up words, the most common first: the n-th occurs about 1/n as often as the first."""
    chance = random.Random(3)
    syllables = [first + vowel + last for first in "bdfglmnprst" for vowel in "aeiou" for last in ("", "n", "r", "st")]
    return list(
        dict.fromkeys("".join(chance.choices(syllables, k=chance.randint(1, 3))) for _ in range(4 * VOCABULARY))
    )


def fill_messages(store: Store, number: int) -> None:
    """Store chats of 20 messages, in which a few words are common and most are rare."""
    chance, known = random.Random(2), vocabulary()
    chats = [store.create_conversation(OWNER).id for _ in range(-(-number // 20))]
    now = datetime.now(UTC)
    rows = []
    for at in range(number):
        said = " ".join(known[int(VOCABULARY ** chance.random()) - 1] for _ in range(WORDS))
        rows.append(
            {
                **{column.name: None for column in messages.c if column.name not in ("number", "error", "details")},
                "id": f"message-{at}",
                "conversation_id": chats[at // 20],
                "role": "assistant" if at % 2 else "user",
                "wire": {"content": f"{said} needle" if at % 10_000 == 7 else said},
                "state": "done",
                "auto": False,
                "zdr": False,
                "simulated": False,
                "created_at": now,
                "saved_at": now,
            }
        )
    with store._writing() as connection:  # noqa: SLF001 - one transaction for all of them
        for start in range(0, number, 5_000):
            connection.execute(insert(messages), rows[start : start + 5_000])


def _seconds(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _cpu(work: Callable[[], None]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
