"""Migrations of a full table beside writers that go on: how long the longest of their transactions had to wait.

`python -m benchmarks.migrating [--rows N] [--since 0010] [--until 0014]`: fills the tables as they were at one of
the migrations of `prompts`, then has `manage.py migrate` bring them up to date while requests come in and are answered.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks import machine, tables
from benchmarks.figures import Figure, merged
from benchmarks.runs import Run
from benchmarks.site import USUAL
from config.embedded.postgres import DATABASE, USER
from config.tests.e2e.installation import Installation

RESULTS = Path(".data/migrating.json")
ROWS, SINCE = 1_000_000, "0010"
#: How long nobody may have to wait, in milliseconds.
AIM = 2_000.0
BATCH = 50_000
USER_ROW = """
    INSERT INTO users
        (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
    VALUES ('!', false, 'owner', '', '', '', false, true, now())
"""
# Only columns that the first of all those migrations knew.
REQUESTS = """
    INSERT INTO prompt_requests (id, user_id, model, prompt_type, prompt_text, purpose, parameters, metadata,
        idempotency_key, status, attempt_count, lease_token, leased_by, error_class, error_message, created_at,
        next_attempt_at, started_at, finished_at)
    SELECT uuidv7(-age), (SELECT min(id) FROM users), 'openai/stub', 'text',
        repeat('What was agreed in ' || n || '? ', 20), 'benchmark', '{}', '{}', '', 'completed', 1, 2, '', '', '',
        now() - age, now() - age, now() - age, now() - age
    FROM generate_series(%(first)s::int, %(last)s::int) AS n,
        LATERAL (SELECT (%(rows)s - n) * interval '5 seconds' AS age)
"""
RESPONSES = """
    INSERT INTO prompt_responses (id, prompt_id, response_text, created_at, duration_ms, provider, model, finish_reason,
        provider_request_id)
    SELECT uuidv7(), id, prompt_text, created_at, 500, 'openai', 'stub', 'stop', '' FROM prompt_requests
"""
ATTEMPTS = """
    INSERT INTO prompt_attempts (request_id, number, worker, started_at, ended_at, outcome, error_class, error_message,
        provider_request_id, may_be_billed)
    SELECT id, 1, 'w', created_at, created_at, 'succeeded', '', '', '', false FROM prompt_requests
"""
ACCEPT = """
    INSERT INTO prompt_requests (id, user_id, model, prompt_type, prompt_text, purpose, parameters, metadata,
        idempotency_key, status, attempt_count, lease_token, leased_by, error_class, error_message)
    SELECT uuidv7(), min(id), 'openai/stub', 'text', 'Say hello.', '', '{}', '{}', '', 'pending', 0, 0, '', '', ''
    FROM users
"""
CLAIM = """
    WITH claimed AS (
        UPDATE prompt_requests SET status = 'generating', attempt_count = 1, lease_token = 1, leased_by = 'w',
            lease_expires_at = now() + interval '1 hour', deadline_at = now() + interval '1 hour', started_at = now()
        WHERE id IN (SELECT id FROM prompt_requests WHERE status = 'pending' AND next_attempt_at <= now()
            ORDER BY next_attempt_at LIMIT 10 FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING id
    )
    INSERT INTO prompt_attempts (request_id, number, worker, started_at, outcome, error_class, error_message,
        provider_request_id, may_be_billed)
    SELECT id, 1, 'w', now(), '', '', '', '', false FROM claimed
"""
ANSWER = """
    WITH done AS (
        UPDATE prompt_requests SET status = 'completed', finished_at = now(), lease_expires_at = NULL, leased_by = ''
        WHERE id IN (SELECT id FROM prompt_requests WHERE status = 'generating' LIMIT 10) RETURNING id
    )
    INSERT INTO prompt_responses (id, prompt_id, response_text, duration_ms, provider, model, finish_reason,
        provider_request_id)
    SELECT uuidv7(), id, 'Hello.', 500, 'openai', 'stub', 'stop', '' FROM done
"""
STATEMENTS = (ACCEPT, CLAIM, ANSWER)
APPLIED = "SELECT app || '.' || name FROM django_migrations WHERE applied > %s ORDER BY applied LIMIT 1"


@dataclass(slots=True)
class Writer:
    """Accepts, claims and answers in turn until it is told to stop; each statement is a transaction."""

    host: str
    #: When each began, and how many milliseconds it took.
    waits: list[tuple[datetime, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with psycopg.connect(host=self.host, user=USER, dbname=DATABASE, autocommit=True) as connection:
            while not self.enough.is_set():
                for statement in STATEMENTS:
                    self._write(connection, statement)

    def _write(self, connection: psycopg.Connection, statement: str) -> None:
        began, started = datetime.now(UTC), time.perf_counter()
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        self.waits.append((began, (time.perf_counter() - started) * 1000))


def main() -> int:
    """Prints the table; exit code 0, also where a wait was too long."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="apm-", dir="/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        results = merged([measured(Path(name), options)])
    Run(machine.describe(), 1, results).save(options.output)
    tables.show(results, {})
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.migrating", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help=f"default: {ROWS}")
    parser.add_argument("--since", default=SINCE, metavar="MIGRATION", help=f"of prompts; default: {SINCE}")
    parser.add_argument("--until", default="", metavar="MIGRATION", help="of prompts; default: all migrations of all")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE", help=f"default: {RESULTS}")
    return parser.parse_args()


def measured(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """The longest wait of a writer, and how long the migrations took."""
    installation = Installation(folder, environment=USUAL, durable=True)
    with installation.postgres, installation.valkey:
        installation.manage("migrate", "prompts", options.since, "--verbosity=0")
        _fill(installation, options.rows)
        with _writing(installation) as writer:
            quiet = _after(writer, 5)
            started = time.monotonic()
            installation.manage("migrate", *(["prompts", options.until] if options.until else []), "--verbosity=0")
            took = time.monotonic() - started
        return _figures(installation, writer, quiet, took, options.rows)


def _figures(installation: Installation, writer: Writer, quiet: float, took: float, rows: int) -> list[Figure]:
    began, longest = max(writer.waits, key=lambda wait: wait[1])
    ((migration,),) = installation.sql(APPLIED, began) or [("none",)]
    remarks = f"of {len(writer.waits)} transactions, {rows:,} rows; in or before {migration}"
    return [
        Figure("migrate, longest wait", longest, "ms", quiet, "the longest before", AIM, remarks=remarks),
        Figure("migrate, all of it", took, "s", remarks=f"{rows:,} rows, a writer beside it"),
        Figure(
            "migrate, failed writes", len(writer.errors), "transactions", aim=0, remarks="; ".join(writer.errors[:1])
        ),
    ]


def _fill(installation: Installation, rows: int) -> None:
    installation.sql(USER_ROW)
    host = str(installation.paths.postgres_socket_dir)
    with psycopg.connect(host=host, user=USER, dbname=DATABASE, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for first in range(1, rows + 1, BATCH):
            span = {"first": first, "last": min(first + BATCH - 1, rows), "rows": rows}
            with connection.transaction():
                connection.execute(REQUESTS, span)
        connection.execute(RESPONSES)
        connection.execute(ATTEMPTS)
        connection.execute("VACUUM ANALYZE prompt_requests, prompt_responses, prompt_attempts")


@contextmanager
def _writing(installation: Installation) -> Iterator[Writer]:
    writer = Writer(str(installation.paths.postgres_socket_dir))
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        yield writer
    finally:
        writer.enough.set()
        thread.join()


def _after(writer: Writer, seconds: float) -> float:
    """The longest wait within the first so many seconds."""
    writer.enough.wait(seconds)
    return max(took for _began, took in writer.waits)


if __name__ == "__main__":
    sys.exit(main())
