"""From a store to what is known of other replicas: they share a PostgreSQL, and nobody shares a SQLite."""

from orchat.relay.alone import Alone
from orchat.store import Store


def open_relay(store: Store) -> Alone:
    """Return the relay of a store; with SQLite, one that knows of nobody and costs nothing.

    Raises:
        StoreError: the database does not answer.
    """
    if not store.shared:
        return Alone()
    from orchat.relay.relay import Relay

    return Relay(store)
