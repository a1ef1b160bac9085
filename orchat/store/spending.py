"""Spending: the ledger added up, by day, model and provider, and in the past for as long as it is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from orchat.store.call_records import Call, CallKind
from orchat.store.calls import CALL_COLUMNS
from orchat.store.database import Database
from orchat.store.tables import calls, conversations
from orchat.temporary import PREFIX

FIRST_TOKEN_STEP = 10
"""Milliseconds: times to the first token are counted in steps of so much."""
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Spent:
    """What requests of one day, model, provider and kind came to. Tokens and money are sums of what is known."""

    day: date
    owner: str
    kind: CallKind
    model: str | None
    """The model that answered, else the one that was asked for."""
    provider: str | None
    simulated: bool
    requests: int
    unknown: int
    """Requests that may have cost something which nobody knows."""
    failed: int
    """Requests that ended in an error, refused ones too."""
    stopped: int
    cost: Decimal
    charged: Decimal
    """What OpenRouter took from the credits, where that is known to be another amount."""
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class ChatSpent:
    """What one conversation came to; `title` is None when it is gone.

    All temporary ones count as one, whose id is what theirs begin with.
    """

    conversation_id: str
    title: str | None
    requests: int
    unknown: int
    cost: Decimal


class SpendingStore(Database):
    """The part of the store that adds up. `owner` None is everybody: for the operator, never for a visitor."""

    def spending(self, owner: str | None, since: date, until: date) -> list[Spent]:
        """What was spent from one day to another, both included, in UTC, oldest first."""
        c = calls.c
        model = func.coalesce(c.model_answered, c.model_asked)
        groups = (c.day, c.owner, c.kind, model, c.provider, c.simulated)
        query = select(*groups, *_SUMS).where(*_within(owner, since, until)).group_by(*groups).order_by(c.day)
        with self._reading() as connection:
            return [_spent(row) for row in connection.execute(query).all()]

    def first_tokens(self, owner: str | None, since: date, until: date) -> dict[str | None, list[tuple[int, int]]]:
        """How long answers took to begin, by model: milliseconds (rounded to steps) and how many, ascending."""
        c = calls.c
        model = func.coalesce(c.model_answered, c.model_asked)
        # Divided by text: SQLAlchemy would make a true division of it.
        step = c.first_token_ms.op("/")(FIRST_TOKEN_STEP)
        query = select(model, step, func.count()).where(*_within(owner, since, until), c.first_token_ms.is_not(None))
        found: dict[str | None, list[tuple[int, int]]] = {}
        with self._reading() as connection:
            for name, steps, number in connection.execute(query.group_by(model, step).order_by(model, step)):
                found.setdefault(name, []).append((steps * FIRST_TOKEN_STEP, number))
        return found

    def spending_by_chat(self, owner: str, since: date, until: date, limit: int = 20) -> list[ChatSpent]:
        """The conversations that cost most in that time."""
        c = calls.c
        sums = (func.count(), func.sum(_UNKNOWN), func.sum(c.cost))
        # Temporary chats are counted together: the id of one names nothing any more.
        temporary = c.conversation_id.startswith(PREFIX, autoescape=True)
        chat = case((temporary, PREFIX), else_=c.conversation_id).label("chat")
        by_chat = (
            select(chat, *sums)
            .where(*_within(owner, since, until), c.conversation_id.is_not(None))
            .group_by("chat")
            .order_by(func.coalesce(func.sum(c.cost), 0).desc(), "chat")
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(by_chat).all()
            named = select(conversations.c.id, conversations.c.title).where(
                conversations.c.id.in_([row[0] for row in rows]), conversations.c.owner == owner
            )
            titles = dict(tuple(row) for row in connection.execute(named))
        return [
            ChatSpent(chat, titles.get(chat), n, int(lost or 0), cost or Decimal(0)) for chat, n, lost, cost in rows
        ]

    def cost_of(self, owner: str, conversation_id: str) -> ChatSpent:
        """What one conversation has cost so far, all its branches, titles and summaries together."""
        c = calls.c
        of = (c.owner == owner, c.conversation_id == conversation_id)
        with self._reading() as connection:
            row = connection.execute(select(func.count(), func.sum(_UNKNOWN), func.sum(c.cost)).where(*of)).one()
        return ChatSpent(conversation_id, None, row[0], int(row[1] or 0), row[2] or Decimal(0))

    def every_call(self, owner: str | None, since: date, until: date) -> Iterator[Call]:
        """Yield the requests of that time, oldest first, a batch after the other."""
        query = select(calls.c.number, *CALL_COLUMNS).where(*_within(owner, since, until)).order_by(calls.c.number)
        last = 0
        while True:
            with self._reading() as connection:
                rows = connection.execute(query.where(calls.c.number > last).limit(BATCH)).all()
            for number, *row in rows:
                last = number
                yield Call(*row)
            if len(rows) < BATCH:
                return


def _within(owner: str | None, since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    days = calls.c.day.between(since, until)
    return (days,) if owner is None else (calls.c.owner == owner, days)


_UNKNOWN = case((and_(calls.c.cost.is_(None), calls.c.state != "refused"), 1), else_=0)
_SUMS = (
    func.count(),
    func.sum(_UNKNOWN),
    func.sum(case((calls.c.state.in_(("failed", "refused")), 1), else_=0)),
    func.sum(case((calls.c.state == "stopped", 1), else_=0)),
    func.sum(calls.c.cost),
    func.sum(func.coalesce(calls.c.charged, calls.c.cost, type_=calls.c.cost.type)),
    *(func.sum(calls.c[f"{name}_tokens"]) for name in ("prompt", "completion", "reasoning", "cached")),
)
_GROUPS = 6
# Worked out once: for a year of everybody there are tens of thousands of rows.
_READ = tuple(Decimal if field.name in ("cost", "charged") else int for field in fields(Spent)[_GROUPS:])


def _spent(row: Sequence[Any]) -> Spent:
    return Spent(*row[:_GROUPS], *(read(value or 0) for read, value in zip(_READ, row[_GROUPS:], strict=True)))
