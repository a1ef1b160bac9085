"""The embedded index: a file of SQLite for each collection, with its full-text search and vectors scanned by numpy."""
