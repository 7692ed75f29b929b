"""Statements of the hot paths: PostgreSQL plans each of them once a connection, not each time.

Django writes every value into the text of a statement, which so is another one each time. These keep values and text
apart (docs/decisions/0020-hot-path-of-accepting.md).
"""

from __future__ import annotations

import select
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import JSONField, Model, QuerySet
from django.db.models.expressions import DatabaseDefault

Row = tuple[Any, ...]


class NoLonger(Exception):
    """What a row was to be stored under is not so any more. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Condition:
    """FROM and WHERE of a statement that finds one row as long as the condition holds, with marks for `values`."""

    sql: str
    values: Row


class Shape:
    """A query whose SQL is made once, to be run with other values in the place of those that it was made with."""

    def __init__(self, rows: QuerySet[Any, Any], names: tuple[str, ...], *holes: Any, is_planned_once: bool) -> None:
        """`rows` gives tuples of what `names` calls its columns; each of `holes` stands once among its values.

        One plan for all values is right only where no value finds much more than another.
        """
        self._is_planned_once = is_planned_once
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self._statement, values = compiler.as_sql()
        self._values = list(values)
        self._holes = [self._values.index(hole) for hole in holes]
        self._named = namedtuple("Named", names)  # type: ignore[misc]
        self._converters = compiler.get_converters([selected[0] for selected in compiler.select])
        self._apply = compiler.apply_converters

    def fetch(self, *values: Any) -> list[Any]:
        """The rows with these in the holes, in their order; each has its values under their names."""
        filled = self._values.copy()
        for hole, value in zip(self._holes, values, strict=True):
            filled[hole] = value
        with _cursor(connections[DEFAULT_DB_ALIAS], is_planned_once=self._is_planned_once) as cursor:
            cursor.execute(self._statement, filled)
            return [self._named(*row) for row in self._apply(cursor.fetchall(), self._converters)]


def row(statement: str, values: Row) -> Row | None:
    """The first row of a statement, and None where there is none. JSON comes as text. Raises django.db.Error."""
    # Not through the proxy, which looks for the thread's connection at each access.
    with _cursor(connections[DEFAULT_DB_ALIAS]) as cursor:
        cursor.execute(statement, values)
        first: Row | None = cursor.fetchone()
        return first


def row_unchecked(statement: str, values: Row) -> Row | None:
    """The same of a statement that only reads, without first asking whether a kept connection still lives.

    That would cost a round trip. A read can be repeated instead, on a new connection, when the kept one turns out to be
    gone.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    # The signals that would do this don't come on the shortest way.
    let_go_of_broken()
    kept = connection.connection is not None and not connection.in_atomic_block
    connection.health_check_done = True
    try:
        return row(statement, values)
    except Error:
        if not kept or connection.is_usable():
            raise
        connection.close()
        return row(statement, values)


def take_connection() -> None:
    """Have the next statement of this thread sent without asking first whether the kept connection still lives.

    A server that ended it has said so, which costs no round trip to see. Then Django asks.
    """
    let_go_of_broken()
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.connection is not None and not _was_told_something(connection.connection):
        connection.health_check_done = True


def _was_told_something(connection: Any) -> bool:
    """Whether the server has sent what nobody has read yet: its end, or a notice."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def let_go_of_broken() -> None:
    """Close the connection if it is too old or an error has left it unusable: the next statement gets a new one.

    The database is asked after an error only.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


@contextmanager
def _cursor(connection: Any, *, is_planned_once: bool = True) -> Iterator[Any]:
    """One whose statements are prepared, or a usual one while Django logs them: it can't tell the text of these."""
    if connection.queries_logged:
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    link, made = connection.connection, cast(Any, ServerBindingCursor)
    link.prepare_threshold = 0 if is_planned_once else None
    try:
        with connection._prepare_cursor(made(link)) as cursor:
            yield cursor
    finally:
        # Else psycopg would remember the last hundred statements of Django, with every text that stands in them.
        link.prepare_threshold = None


def insert(instance: Model, only_if: Condition | None = None) -> None:
    """Store a new row as `save(force_insert=True)` does, but without signals. What the database sets stands on the
    instance then, and outside of a transaction it is committed. Raises django.db.Error.

    The condition is asked in the same statement. Raises NoLonger where it doesn't hold.
    """
    values = vars(instance)
    left_out = tuple(name for name in _defaulted(type(instance)) if isinstance(values[name], DatabaseDefault))
    statement, given, told = _insertion(type(instance), left_out, only_if.sql if only_if else "")
    filled = tuple(_as_stored(values[name], json) for name, json in given)
    stored = row(statement, filled + only_if.values if only_if else filled)
    if stored is None:
        raise NoLonger
    values.update(zip(told, stored, strict=True))
    instance._state.adding = False
    instance._state.db = DEFAULT_DB_ALIAS


def _as_stored(value: Any, json: JSONField | None) -> Any:
    return value if json is None else json.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


@lru_cache
def _defaulted(model: type[Model]) -> tuple[str, ...]:
    """The attributes for which the database has a value where the instance has none."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.has_db_default())


@lru_cache
def _insertion(
    model: type[Model], left_out: tuple[str, ...], only_if: str
) -> tuple[str, tuple[tuple[str, JSONField | None], ...], tuple[str, ...]]:
    """The statement, the attributes whose values it takes (and which of them are JSON), and those that it tells."""
    columns = model._meta.concrete_fields
    given = [field for field in columns if not field.generated and field.attname not in left_out]
    told = [field for field in columns if field.generated or field.has_db_default()]
    names, shown = (", ".join(f'"{field.column}"' for field in fields) for fields in (given, told))
    marks = ", ".join(["%s"] * len(given))
    source = f"SELECT {marks} {only_if}" if only_if else f"VALUES ({marks})"
    return (
        f'INSERT INTO "{model._meta.db_table}" ({names}) {source} RETURNING {shown}',
        tuple((field.attname, field if isinstance(field, JSONField) else None) for field in given),
        tuple(field.attname for field in told),
    )
