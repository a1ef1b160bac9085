"""How much a person keeps in PostgreSQL for search."""

from orchat.search.postgresql.connections import Connections

_SIZE = """
SELECT coalesce((SELECT sum(size) FROM orchat_search_files WHERE owner = %(owner)s), 0)
     + coalesce((SELECT sum(size) FROM orchat_search_jobs WHERE owner = %(owner)s), 0)
"""


def kept_bytes(url: str, owner: str) -> int:
    """How many bytes the files of all collections of an owner have, those that wait among them.

    Raises:
        SearchError: the database cannot be reached, or it fails.
    """
    connections = Connections(url)
    try:
        with connections.transaction() as cursor:
            cursor.execute("SELECT to_regclass('orchat_search_files')")
            if cursor.fetchone()[0] is None:
                return 0
            cursor.execute(_SIZE, {"owner": owner})
            return int(cursor.fetchone()[0])
    finally:
        connections.close()
