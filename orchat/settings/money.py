"""Money: what may be spent, and when a person is asked first."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer
from pydantic_settings import BaseSettings, NoDecode

from orchat.budgets import Budget, read_budgets
from orchat.settings.field import setting

Budgets = Annotated[
    tuple[Budget, ...],
    NoDecode,
    BeforeValidator(lambda value: read_budgets(value) if isinstance(value, str) else value),
    # Kept as it is written: that is what can be read again, and what the history shows.
    PlainSerializer(lambda budgets: ", ".join(map(str, budgets)), when_used="json"),
]


class Money(BaseSettings):
    """What may be spent, and when a person is asked first."""

    budgets: Budgets = setting(
        "ORCHAT_BUDGET",
        (),
        "What each person, each chat and everybody together may spend, in US dollars: "
        "`user: 5/day, total: 100/month, chat: 2`. By the day, week or month in UTC, or for good. Default: no limit.",
        changeable="What each person, each chat and everybody together may spend (US dollars)",
    )
    confirm_above: Annotated[Decimal, Field(ge=0)] = setting(
        "ORCHAT_CONFIRM_ABOVE",
        Decimal("0.50"),
        "Above how many US dollars a message waits for a second click; people may choose another amount.",
        changeable="Ask before a message above (US dollars)",
    )
    low_credits: Decimal = setting(
        "ORCHAT_LOW_CREDITS",
        Decimal("1.00"),
        "Below how many US dollars the sidebar warns that credits run low.",
        changeable="Warn below (US dollars)",
    )
