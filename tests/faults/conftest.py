"""A store, an installation, and a PostgreSQL that stays, beside those that tests stop and start themselves."""

from tests.faults.installation import database, demo, environment
from tests.store.conftest import clock, postgresql, store, url

__all__ = ["clock", "database", "demo", "environment", "postgresql", "store", "url"]
