"""Very many requests, fast: for a database that is thrown away.

The rows are those of `manage.py load_demo_data`, one part of them the owner's. What takes most of its time is left
out or done in one go: secondary indexes are taken away and built again at the end, in one pass each instead of row by
row; foreign keys are not looked up, as each row is made from the one that it points at; and the leaves of seals are
drawn by lot, but for the newest answers, which the benchmark has sealed for real.

As a script: `python -m benchmarks.growth.filling REQUESTS OWNER` adds so many and prints how long each step took.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prompts.services.demo.calendar import Span
    from prompts.services.demo.furniture import Line

DAYS = 90
BATCH = 20_000
#: One a core of the machine that the figures are taken on.
WRITERS = 2
#: From so many on it pays to take the indexes away.
MANY = 100_000
#: PostgreSQL's own memory for building an index, each.
MEMORY = "768MB"
#: What is written once and looked at last needs neither early checkpoints nor vacuuming meanwhile.
FILLING = "ALTER SYSTEM SET max_wal_size = '6GB'", "ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"
USUAL = "ALTER SYSTEM RESET max_wal_size", "ALTER SYSTEM RESET autovacuum", "SELECT pg_reload_conf()"
UNCHECKED = "SET LOCAL session_replication_role = replica"
INDEXES = """
    SELECT index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid)
    FROM pg_index AS index JOIN pg_class ON pg_class.oid = index.indexrelid JOIN pg_am ON pg_am.oid = pg_class.relam
    WHERE index.indrelid IN ('prompt_requests'::regclass, 'prompt_responses'::regclass, 'prompt_attempts'::regclass)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = index.indexrelid)
    -- Those of words take longest.
    ORDER BY amname <> 'gin'
"""


def fill(requests: int, owner: str) -> dict[str, float]:
    """Seconds of each step."""
    from benchmarks.growth import seals
    from prompts.services.demo import loading

    many = requests >= MANY
    steps: dict[str, float] = {}
    with _settings():
        with _without_indexes(steps) if many else nullcontext(), _timed(steps, "rows"):
            _write(requests, owner)
        with _timed(steps, "statistics"):
            loading.tidy()
        with _timed(steps, "seals"):
            seals.seal()
    return steps


@contextmanager
def _settings() -> Iterator[None]:
    """Of the whole server, while the context lasts."""
    _run(FILLING)
    try:
        yield
    finally:
        _run(USUAL)


def _write(requests: int, owner: str) -> None:
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from prompts.models import PromptRequest
    from prompts.services.demo import calendar, furniture, loading

    people = [*furniture.people(), get_user_model()._default_manager.get(username=owner).pk]
    lines, seed = furniture.lines(), PromptRequest.objects.count() % loading.SEEDS
    hours = calendar.spans(requests, days=DAYS, until=timezone.now() - timedelta(minutes=10))
    batches = enumerate(calendar.batches(hours, BATCH))

    def write(item: tuple[int, list[Span]]) -> None:
        _invent(item[1], people, lines, loading.seed_of(seed, item[0]))

    _in_threads(write, batches)


def _invent(batch: list[Span], people: list[int], lines: list[Line], seed: int) -> None:
    from django.db import connection, transaction

    from prompts.services.demo import loading

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(UNCHECKED)
        loading.invent(batch, people, lines, seed)


@contextmanager
def _without_indexes(steps: dict[str, float]) -> Iterator[None]:
    """Secondary indexes are gone meanwhile; built again by as many connections as there are writers."""
    indexes = _rows(INDEXES)
    _run(f"DROP INDEX {name}" for name, _definition in indexes)
    yield
    with _timed(steps, "indexes"):
        _in_threads(_build, (definition for _name, definition in indexes))


def _build(definition: str) -> None:
    _run([f"SET maintenance_work_mem = '{MEMORY}'", "SET max_parallel_maintenance_workers = 0", definition])


def _in_threads(step: Callable[[Any], None], items: Iterable[Any]) -> None:
    """Each item by one of the writers, on a connection of its own."""
    from django.db import connection

    def alone(item: Any) -> None:
        try:
            step(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in pool.map(alone, items):
            pass


def _run(statements: Iterable[str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _rows(statement: str) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[Any] = cursor.fetchall()
    return rows


@contextmanager
def _timed(steps: dict[str, float], name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    steps[name] = round(time.monotonic() - started, 1)


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(fill(int(sys.argv[1]), sys.argv[2])))
