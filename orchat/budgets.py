"""Budgets: how much a chat, a person or everybody may spend, in a day, a week, a month or in all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from orchat.errors import BudgetReachedError

MOST = Decimal(1_000_000)
"""US dollars; whoever writes more has slipped."""
CHOICES = "chat, user or total"
EXAMPLE = "user: 5/day, total: 100/month, chat: 2"


class Scope(StrEnum):
    """Whose spending a budget limits: one chat's, one person's, or everybody's together."""

    CHAT = "chat"
    USER = "user"
    TOTAL = "total"


class Period(StrEnum):
    """When a budget begins anew: by the calendar, in UTC, as OpenRouter's own limits do; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    EVER = "ever"


RENEWED = (Period.DAY, Period.WEEK, Period.MONTH)


class SetBy(StrEnum):
    """Who has set a budget, and who can therefore raise it."""

    OPERATOR = "operator"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount in US dollars that may be spent in each period."""

    scope: Scope
    amount: Decimal
    period: Period = Period.EVER
    set_by: SetBy = SetBy.OPERATOR

    def __str__(self) -> str:
        """Return it as `read_budgets` reads it."""
        return f"{self.scope}: {written([self])}"

    def since(self, today: date) -> date | None:
        """Return the first day that counts for it; None where every day does."""
        match self.period:
            case Period.DAY:
                return today
            case Period.WEEK:
                return today - timedelta(days=today.weekday())
            case Period.MONTH:
                return today.replace(day=1)
        return None

    def renewed(self, today: date) -> date | None:
        """Return the day on which it begins anew; None where it never does."""
        match self.period:
            case Period.DAY:
                return today + timedelta(days=1)
            case Period.WEEK:
                return today + timedelta(days=7 - today.weekday())
            case Period.MONTH:
                return (today.replace(day=28) + timedelta(days=4)).replace(day=1)
        return None


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget and what has been taken of it: spent, and reserved for requests whose cost is not known yet."""

    budget: Budget
    spent: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def left(self) -> Decimal:
        """What another request may reserve; never less than nothing."""
        return max(self.budget.amount - self.spent - self.reserved, Decimal(0))


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a request may cost at most, in US dollars, as far as that can be known before it is sent.

    Where its price is not `known`, `most` is a guess: less is reserved if less is left.
    """

    most: Decimal
    known: bool = True

    def from_left(self, left: Decimal) -> Decimal | None:
        """Return what is reserved where so much is left, None if that is too little."""
        if self.known:
            # What costs nothing is never stopped, whatever was spent before.
            return self.most if self.most <= left else None
        return min(self.most, left) if left > 0 else None


def refusal(state: BudgetState, wanted: Reservation, today: date) -> BudgetReachedError:
    """Return why a request is not sent that a budget does not cover, with all that a person wants to know of it."""
    budget, used_up = state.budget, state.spent >= state.budget.amount
    name, may_cost = name_of(budget), f"{'' if wanted.known else 'about '}{dollars(wanted.most)}"
    held = not used_up and state.spent + wanted.most <= budget.amount
    message = f"{name[0].upper()}{name[1:]} is used up."
    if not used_up:
        message = f"This may cost up to {may_cost}, and {name} has {dollars(state.left)} left."
    renewed = budget.renewed(today)
    advice = (
        "Nothing was sent.",
        f"Requests that are on their way hold {dollars(state.reserved)}: try again when they have ended." * held,
        f"It begins anew on {renewed.day} {renewed:%B} at 00:00 UTC." if renewed else "",
        "A cheaper model, or a lower limit of tokens, may still fit." * (not used_up and not held),
        RAISED_BY[budget.set_by],
        "What your own OpenRouter key pays is not counted." * (budget.scope is not Scope.CHAT),
    )
    error = BudgetReachedError(message, advice=" ".join(filter(None, advice)))
    error.budget = {
        "scope": budget.scope.value,
        "period": budget.period.value,
        "set_by": budget.set_by.value,
        "amount": str(budget.amount),
        "spent": str(state.spent),
        "reserved": str(state.reserved),
        "wanted": str(wanted.most),
        "renewed": renewed.isoformat() if renewed else None,
    }
    return error


def name_of(budget: Budget) -> str:
    """Return what a person calls a budget: “your budget for today”, “the budget of this chat”."""
    return NAMES[budget.scope] + WHEN[budget.period]


NAMES = {Scope.CHAT: "the budget of this chat", Scope.USER: "your budget", Scope.TOTAL: "everybody's budget"}
WHEN = {Period.DAY: " for today", Period.WEEK: " for this week", Period.MONTH: " for this month", Period.EVER: ""}
RAISED_BY = {
    SetBy.OPERATOR: "Whoever runs this orchat can raise it.",
    SetBy.PERSON: "You have set it yourself, and can raise it beside the box.",
}


def dollars(amount: Decimal) -> str:
    """Return an amount for a sentence: cents, and smaller parts of them where that is all there is."""
    return f"${amount:.2f}" if amount == 0 or amount >= Decimal("0.1") else f"${amount:.4f}"


def read_budgets(text: str) -> tuple[Budget, ...]:
    """Read budgets as an operator writes them: `user: 5/day, total: 100/month, chat: 2`.

    Raises:
        ValueError: it says what cannot be read, and what could.
    """
    found: list[Budget] = []
    for part in filter(None, map(str.strip, text.split(","))):
        scope, colon, limit = part.partition(":")
        if not colon or scope.strip() not in list(Scope):
            raise ValueError(f"“{part}” names no budget: write {CHOICES}, a colon and an amount, such as {EXAMPLE}")
        found.append(_read_limit(limit.strip(), Scope(scope.strip()), SetBy.OPERATOR))
    return _each_once(found)


def read_limits(text: str, scope: Scope, set_by: SetBy = SetBy.OPERATOR) -> tuple[Budget, ...]:
    """Read the limits of one chat or person: `5/day, 50/month`; none where the text is empty.

    Raises:
        ValueError: it says what cannot be read, and what could.
    """
    parts = filter(None, map(str.strip, text.split(",")))
    return _each_once([_read_limit(part, scope, set_by) for part in parts])


def written(budgets: Iterable[Budget]) -> str:
    """Return the limits of one chat or person as `read_limits` reads them."""
    return ", ".join(f"{budget.amount:f}{_per(budget.period, '/')}" for budget in budgets)


def _read_limit(text: str, scope: Scope, set_by: SetBy) -> Budget:
    found = re.fullmatch(r"\$?\s*(\d+(?:\.\d+)?)\s*(?:/\s*(\w+))?", text)
    if found is None or (found[2] or Period.DAY) not in RENEWED:
        raise ValueError(
            f"“{text}” is no limit: write US dollars and how often they begin anew, such as 5/day, 50/week or "
            "100/month; without a period they are for good"
        )
    amount = Decimal(found[1])
    if amount > MOST:
        raise ValueError(f"{text} is more than a budget may be, which is {MOST:,} US dollars")
    return Budget(scope, amount, Period(found[2]) if found[2] else Period.EVER, set_by)


def _each_once(budgets: list[Budget]) -> tuple[Budget, ...]:
    for at, budget in enumerate(budgets):
        if any(other.scope is budget.scope and other.period is budget.period for other in budgets[:at]):
            raise ValueError(f"there are two budgets for the same time: {budget.scope}{_per(budget.period, ' a ')}")
    return tuple(budgets)


def _per(period: Period, between: str) -> str:
    return "" if period is Period.EVER else f"{between}{period}"
