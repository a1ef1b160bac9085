"""Calls: the ledger of requests to models. It outlives conversations, and holds nothing of their content."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, Unpack
from uuid import uuid4

from sqlalchemy import Connection, and_, bindparam, exists, insert, or_, select, union_all, update

from orchat.budgets import Reservation
from orchat.store.access import not_found
from orchat.store.budgets import BudgetStore
from orchat.store.call_records import Call, CallFields, RequestKind
from orchat.store.records import LEARNED, Message
from orchat.store.tables import calls, conversations, messages

CALL_COLUMNS = [calls.c[field.name] for field in fields(Call)]
LOOKED_UP_FOR = timedelta(days=1)
"""How long after a request its cost is still asked for."""
MOST_LOOKUPS = 12
ABANDONED = timedelta(hours=6)
"""How long a request may be open before it counts as cut off, whoever made it."""
RESERVED_FOR = timedelta(hours=1)
"""How long a request that says nothing of its end keeps what it has reserved."""


class CallStore(BudgetStore):
    """The part of the store that knows requests to models. What names no owner is for upkeep only."""

    call_watchers: tuple[Callable[[Call, Call], None], ...] = ()
    """Told of a request before and after this process has learned its tokens or its cost, on the thread that did."""

    def open_call(
        self,
        owner: str,
        *,
        kind: RequestKind,
        conversation_id: str | None = None,
        message_id: str | None = None,
        model_asked: str | None = None,
        zdr: bool = False,
        simulated: bool = False,
        personal_key: bool = False,
        sent: dict[str, Any] | None = None,
        wanted: Reservation | None = None,
    ) -> Call:
        """Enter a request that is about to be sent, and reserve what it may cost, in one transaction.

        What it is for may be purged meanwhile: it is entered all the same, since somebody has to know what it cost.

        Raises:
            NotFoundError: the conversation or the message is somebody else's.
            BudgetReachedError: a budget does not cover it. It is not entered then, and must not be sent.
        """
        now = self._now()
        call = Call(
            id=uuid4().hex,
            owner=owner,
            kind=kind,
            started_at=now,
            day=now.date(),
            conversation_id=conversation_id,
            message_id=message_id,
            model_asked=model_asked,
            zdr=zdr,
            simulated=simulated,
            personal_key=personal_key,
            sent=sent,
        )
        with self._writing() as connection:
            self._check_owner(connection, call)
            call = replace(call, reserved=self._reserve(connection, call, wanted))
            connection.execute(_ENTER, {column.name: getattr(call, column.name) for column in CALL_COLUMNS})
        return call

    def update_call(self, owner: str, call_id: str, **known: Unpack[CallFields]) -> None:
        """Enter what has become known of a request; a cost that is known already stays.

        The message that it answered learns the cost in the same transaction: its own end may never be saved.
        """
        values: dict[str, Any] = dict(known)
        if values.get("cost") is None:
            values.pop("cost", None)
        else:
            values["reserved"] = None
        mine = {"call_id": call_id, "of_owner": owner}
        before: Call | None = None
        with self._writing() as connection:
            if any(values.get(name) is not None for name in LEARNED):
                row = connection.execute(_CALL, mine).one_or_none()
                before = None if row is None else Call(*row)
            connection.execute(_UPDATE, {**values, **mine})
            if "cost" in values and before is not None:
                self._tell_message(connection, replace(before, **values), values)
        if before is not None:
            self._tell_watchers(before, values)

    def settle_call(self, call: Call, **known: Unpack[CallFields]) -> None:
        """Enter what OpenRouter's books say of a request, also with the message that it answered, in one transaction.

        OpenRouter knows what is over: a call that still counts as open then has lost its process.
        """
        values: dict[str, Any] = {name: value for name, value in known.items() if value is not None}
        with self._writing() as connection:
            same = calls.c.id == call.id
            if values:
                connection.execute(update(calls).where(same, calls.c.state == "open").values(state="cut_off"))
            found = update(calls).where(same, calls.c.cost.is_(None))
            if "cost" in values:
                values["reserved"] = None
            mine = {"call_id": call.id, "of_owner": call.owner}
            row = connection.execute(_CALL, mine).one_or_none() if values else None
            connection.execute(found.values(lookups=calls.c.lookups + 1, **values))
            if values:
                self._tell_message(connection, call, values)
        if row is not None and (before := Call(*row)).cost is None:
            self._tell_watchers(before, values)

    def _tell_watchers(self, before: Call, known: Mapping[str, Any]) -> None:
        after = replace(before, **known)
        for watcher in self.call_watchers:
            watcher(before, after)

    @contextmanager
    def _with_the_chat(
        self,
        connection: Connection,
        conversation_id: str | None,  # noqa: ARG002 - here, all have one place
    ) -> Iterator[Connection]:
        """The connection to where the messages of a conversation are."""
        yield connection

    def _check_owner(self, connection: Connection, call: Call) -> None:
        ids = {"its_chat": call.conversation_id, "its_message": call.message_id, "of_owner": call.owner}
        with self._with_the_chat(connection, call.conversation_id) as place:
            if place.execute(_SOMEBODY_ELSES, ids).first() is not None:
                raise not_found()

    def _tell_message(self, connection: Connection, call: Call, known: Mapping[str, Any]) -> None:
        learned = {name: known[name] for name in LEARNED if name in known}
        if not learned:
            return
        # Killed at the wrong moment, an answer does not know its generation id. Taken out, it is in another chat.
        its = [messages.c.id == call.message_id]
        if call.generation_id:
            in_the_chat = messages.c.conversation_id == call.conversation_id
            its.append(and_(in_the_chat, messages.c.generation_id == call.generation_id))
        told = [or_(*its)]
        if call.message_id:
            told.append(messages.c.copied_from == call.message_id)
        # What it is a copy of, anybody may write into a file that they import.
        own = exists().where(conversations.c.id == messages.c.conversation_id, conversations.c.owner == call.owner)
        with self._with_the_chat(connection, call.conversation_id) as place:
            for which in told:
                place.execute(update(messages).where(which, messages.c.cost.is_(None), own).values(learned))

    def calls_of(self, owner: str, conversation_id: str) -> list[Call]:
        """All requests for a conversation, oldest first."""
        of = (calls.c.owner == owner, calls.c.conversation_id == conversation_id)
        with self._reading() as connection:
            rows = connection.execute(select(*CALL_COLUMNS).where(*of).order_by(calls.c.number)).all()
        return [Call(*row) for row in rows]

    def call_of(self, owner: str, message: Message) -> Call | None:
        """The request that a message, or what it is a copy of, is the answer to; None when there is no entry of it."""
        its = calls.c.message_id == (message.copied_from or message.id)
        if message.generation_id:
            its = or_(its, calls.c.generation_id == message.generation_id)
        of = [calls.c.owner == owner, its]
        if message.copied_from is None:
            of.append(calls.c.conversation_id == message.conversation_id)
        with self._reading() as connection:
            row = connection.execute(select(*CALL_COLUMNS).where(*of).order_by(calls.c.number.desc()).limit(1)).first()
        return None if row is None else Call(*row)

    def unpriced_calls(self, owner: str, ids: list[str]) -> list[Call]:
        """Those of these requests whose cost is not known and can be looked up."""
        with self._reading() as connection:
            return [Call(*row) for row in connection.execute(_UNPRICED, {"of_owner": owner, "ids": ids}).all()]

    def unsettled_calls(self, limit: int = 100) -> list[Call]:
        """Requests of everybody whose cost is worth looking up, those asked for least often first.

        Open ones too: their process may have died, and asking about one that goes on does no harm.
        """
        recent = calls.c.started_at > self._now() - LOOKED_UP_FOR
        worth_it = (recent, calls.c.lookups < MOST_LOOKUPS, ~calls.c.simulated)
        query = select(*CALL_COLUMNS).where(*_CAN_BE_FOUND, *worth_it)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(calls.c.lookups, calls.c.number.desc()).limit(limit)).all()
        return [Call(*row) for row in rows]

    def close_abandoned_calls(self) -> int:
        """Mark as cut off what has been open for so long that its process must have ended. Returns how many.

        What was reserved for requests whose cost will not be known any more is free again.
        """
        now = self._now()
        old = (calls.c.state == "open", calls.c.started_at < now - ABANDONED)
        nobody_to_ask = or_(calls.c.state == "open", calls.c.simulated, calls.c.generation_id.is_(None))
        silent = and_(nobody_to_ask, calls.c.started_at < now - RESERVED_FOR)
        given_up = or_(calls.c.started_at < now - LOOKED_UP_FOR, calls.c.lookups >= MOST_LOOKUPS)
        hopeless = and_(calls.c.state != "open", given_up)
        with self._writing() as connection:
            freed = update(calls).where(calls.c.reserved.is_not(None), or_(silent, hopeless))
            connection.execute(freed.values(reserved=None))
            return connection.execute(update(calls).where(*old).values(state="cut_off", reserved=None)).rowcount


_CAN_BE_FOUND = (calls.c.cost.is_(None), calls.c.generation_id.is_not(None), calls.c.state != "refused")
_MINE = (calls.c.id == bindparam("call_id"), calls.c.owner == bindparam("of_owner"))
_ENTER, _UPDATE = insert(calls), update(calls).where(*_MINE)
# Locked, where there are other replicas: of two that learn the same cost one is the first.
_CALL = select(*CALL_COLUMNS).where(*_MINE).with_for_update()
_UNPRICED = select(*CALL_COLUMNS).where(_MINE[1], calls.c.id.in_(bindparam("ids", expanding=True)), *_CAN_BE_FOUND)
_NOT_MINE = conversations.c.owner != bindparam("of_owner")
_SOMEBODY_ELSES = union_all(
    select(conversations.c.id).where(conversations.c.id == bindparam("its_chat"), _NOT_MINE),
    select(conversations.c.id).join(messages).where(messages.c.id == bindparam("its_message"), _NOT_MINE),
)
