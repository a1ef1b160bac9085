"""Budgets in the database: what has been set for whom, what is taken of it, and what a request may still reserve."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, func, insert, or_, select

from orchat.budgets import Budget, BudgetState, Reservation, Scope, SetBy, read_limits, refusal, written
from orchat.store.access import mine, read_conversation
from orchat.store.call_records import Call
from orchat.store.database import Database
from orchat.store.locks import Lock, take
from orchat.store.tables import budgets, calls, conversations

GUESS = Reservation(Decimal("0.25"), known=False)
"""What a request reserves of whose price nothing is known."""
NOBODY = "@"
"""Owners that begin like this are nobody: documents of everybody count for the total alone."""
_LIMITS = select(budgets.c.limits).where(
    budgets.c.scope == bindparam("scope"), budgets.c.subject == bindparam("subject")
)
_LIMITS_OF_CHAT = (
    select(budgets.c.limits)
    .join(conversations, conversations.c.id == budgets.c.subject)
    .where(budgets.c.scope == Scope.CHAT, *mine)
)


class BudgetStore(Database):
    """The part of the store that knows budgets. All that apply to a request have to cover it."""

    standing: tuple[Budget, ...] = ()
    """The operator's budgets for everybody; whoever opens the store sets them before the first request."""

    def user_limits(self, owner: str) -> str | None:
        """What an operator has set for one person in place of the standing budgets; "" is no limit, None: nothing."""
        with self._reading() as connection:
            return _limits(connection, Scope.USER, owner)

    def set_user_limits(self, owner: str, limits: str | None) -> None:
        """Set what one person may spend, as `5/day, 50/month`; "" is no limit, None the standing budgets again.

        Raises:
            ValueError: it cannot be read.
        """
        kept = None if limits is None else written(read_limits(limits, Scope.USER))
        with self._writing() as connection:
            self._keep(connection, Scope.USER, owner, kept)

    def all_user_limits(self) -> dict[str, str]:
        """What an operator has set for single people, by owner; for the operator."""
        query = select(budgets.c.subject, budgets.c.limits).where(budgets.c.scope == Scope.USER)
        with self._reading() as connection:
            return dict(tuple(row) for row in connection.execute(query))

    def chat_limits(self, owner: str, conversation_id: str) -> str:
        """What a person has set for a chat of theirs beside the operator's budgets. Raises NotFoundError."""
        with self._reading() as connection:
            read_conversation(connection, owner, conversation_id)
            return _limits(connection, Scope.CHAT, conversation_id) or ""

    def set_chat_limits(self, owner: str, conversation_id: str, limits: str) -> None:
        """Set what a chat may spend, as `2` or `1/day`; "" takes it back. Raises NotFoundError.

        Raises:
            ValueError: it cannot be read.
        """
        kept = written(read_limits(limits, Scope.CHAT, SetBy.PERSON))
        with self._writing() as connection:
            read_conversation(connection, owner, conversation_id)
            self._keep(connection, Scope.CHAT, conversation_id, kept or None)

    def _keep(self, connection: Connection, scope: Scope, subject: str, limits: str | None) -> None:
        of = (budgets.c.scope == scope, budgets.c.subject == subject)
        connection.execute(delete(budgets).where(*of))
        if limits is not None:
            row = {"scope": scope, "subject": subject, "limits": limits, "set_at": self._now()}
            connection.execute(insert(budgets), row)

    def budget_states(
        self, owner: str, conversation_id: str | None = None, *, simulated: bool = False
    ) -> list[BudgetState]:
        """Return the budgets that apply to a person's requests in a chat, and how they stand."""
        now = self._now()
        call = Call("", owner, "chat", now, now.date(), conversation_id, simulated=simulated)
        with self._reading() as connection:
            return [_state(connection, budget, call) for budget in self._applying(connection, call)]

    def _applying(self, connection: Connection, call: Call) -> Iterator[Budget]:
        standing = {scope: [budget for budget in self.standing if budget.scope is scope] for scope in Scope}
        if call.conversation_id is not None:
            of = {"conversation_id": call.conversation_id, "owner": call.owner}
            limits = connection.execute(_LIMITS_OF_CHAT, of).scalar_one_or_none() or ""
            yield from read_limits(limits, Scope.CHAT, SetBy.PERSON)
            yield from standing[Scope.CHAT]
        if call.personal_key:
            # What somebody pays themselves is nobody else's to limit.
            return
        if not call.owner.startswith(NOBODY):
            own = _limits(connection, Scope.USER, call.owner)
            yield from standing[Scope.USER] if own is None else read_limits(own, Scope.USER)
        yield from standing[Scope.TOTAL]

    def _reserve(self, connection: Connection, call: Call, wanted: Reservation | None) -> Decimal | None:
        """Return what a request reserves, in the transaction that enters it.

        Raises:
            BudgetReachedError: a budget does not cover it.
        """
        applying = list(self._applying(connection, call))
        if not applying:
            return wanted.most if wanted else None
        if connection.dialect.name == "postgresql":
            # SQLite has one writer at a time; here two could both find the same rest, and both take it.
            take(connection, Lock.BUDGETS)
        wanted = wanted or GUESS
        states = [_state(connection, budget, call) for budget in applying]
        left = [(state, wanted.from_left(state.left)) for state in states]
        for state, reserved in left:
            if reserved is None:
                raise refusal(state, wanted, call.day)
        return min(reserved for _, reserved in left if reserved is not None)


def _limits(connection: Connection, scope: Scope, subject: str) -> str | None:
    return connection.execute(_LIMITS, {"scope": scope, "subject": subject}).scalar_one_or_none()


def _state(connection: Connection, budget: Budget, call: Call) -> BudgetState:
    counted = and_(*_counted(budget, call), calls.c.simulated == call.simulated)
    reserved = case((calls.c.cost.is_(None), calls.c.reserved))
    query = select(func.sum(calls.c.cost), func.sum(reserved)).where(counted)
    spent, held = connection.execute(query).one()
    return BudgetState(budget, spent or Decimal(0), held or Decimal(0))


def _counted(budget: Budget, call: Call) -> Iterator[ColumnElement[bool]]:
    if budget.scope is Scope.CHAT:
        yield calls.c.conversation_id == call.conversation_id
        yield calls.c.owner == call.owner
    else:
        yield or_(calls.c.personal_key.is_(None), ~calls.c.personal_key)
    if budget.scope is Scope.USER:
        yield calls.c.owner == call.owner
    since = budget.since(call.day)
    if since is not None:
        yield calls.c.day >= since
