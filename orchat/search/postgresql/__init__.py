"""The hosted index: PostgreSQL with pgvector, for many owners and large collections."""
