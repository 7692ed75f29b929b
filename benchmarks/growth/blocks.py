"""Blocks of 8 kB that PostgreSQL touches for this connection, whatever asks for them, writes included.

Its own count of the process that serves the connection (`pg_stat_get_backend_io`, PostgreSQL 18); nothing is explained
for it, so it holds of a search that goes on only as long as it has time, too.
"""

from __future__ import annotations

from django.db import connection

SIZE = 8192
# Counts become visible when the process has nothing to do, and once a second at most unless it is told to.
FLUSH = "SELECT pg_stat_force_next_flush()"
TOUCHED = """
    SELECT sum(hits) + sum(read_bytes) / %s
    FROM pg_stat_get_backend_io(pg_backend_pid()) WHERE object IN ('relation', 'temp relation')
"""


def touched() -> int:
    """So many since the connection was made; within a transaction, none of its own yet."""
    with connection.cursor() as cursor:
        cursor.execute(FLUSH)
        cursor.execute(TOUCHED, [SIZE])
        ((blocks,),) = cursor.fetchall()
    return int(blocks or 0)
