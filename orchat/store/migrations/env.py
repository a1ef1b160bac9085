"""Run by Alembic, on the connection and inside the transaction that `orchat.store.schema` has opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
