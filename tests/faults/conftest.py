"""A store of its own, and a PostgreSQL that stays, beside those that tests stop and start themselves."""

from tests.store.conftest import clock, postgresql, store, url

__all__ = ["clock", "postgresql", "store", "url"]
