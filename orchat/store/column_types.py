"""Column types that hold the same value in SQLite and in PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

PICO = 12


class PlainText(TypeDecorator[str]):
    """Text that every database takes: NUL and lone surrogates, which PostgreSQL refuses, become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """What is stored."""
        if value is None:
            return None
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Money(TypeDecorator[Decimal]):
    """An exact amount of US dollars. SQLite has no exact number with a fraction, so there it is the digits as text."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """What is stored."""
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError(f"{value} is not an amount of money.")
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, _dialect: Dialect) -> Decimal | None:
        """What was stored."""
        return Decimal(value) if isinstance(value, str) else value


class Dollars(TypeDecorator[Decimal]):
    """An amount of US dollars that the database can add up: a whole number of millionths of a millionth of one.

    What is smaller is rounded: prices are quoted in hundredths of a millionth. Up to nine million dollars.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> int | None:
        """What is stored."""
        return None if value is None else int(value.scaleb(PICO).to_integral_value())

    def process_result_value(self, value: int | Decimal | None, _dialect: Dialect) -> Decimal | None:
        """What was stored; a sum comes as a decimal from PostgreSQL."""
        return None if value is None else Decimal(value).scaleb(-PICO).normalize()


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, always as timezone-aware UTC. SQLite keeps no time zone, so there it is stored as UTC without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """What is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """What was stored."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
