"""A PostgreSQL that stays, beside those that tests stop and start themselves."""

from tests.store.conftest import postgresql

__all__ = ["postgresql"]
