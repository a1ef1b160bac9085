"""Runs of other replicas: found, followed and stopped over PostgreSQL as if they were this process's own."""

from orchat.relay.alone import Alone
from orchat.relay.opening import open_relay

__all__ = ["Alone", "open_relay"]
