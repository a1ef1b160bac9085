"""Runs of other replicas: found, followed and stopped over PostgreSQL as if they were this process's own."""
