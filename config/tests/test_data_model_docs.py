"""docs/data-model.md tells the truth about the models and about PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "data-model.md").read_text("utf-8")
DIAGRAM = PAGE.partition("```mermaid\nerDiagram\n")[2].partition("```")[0]
OUR_APPS = {"system", "prompts", "documents", "audit"}
MODELS = {model._meta.db_table: model for model in apps.get_models() if model._meta.app_label in OUR_APPS}

TABLE = re.compile(r"^    (\w+) \{\n(.*?)^    \}", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r'^        (?P<type>[\w\[\]]+) (?P<name>\w+)(?P<marks>(?: (?:PK|FK|UK),?)*)(?: "(?P<note>.*)")?$')
RELATION = re.compile(r'^    (\w+) (\S{2})--(\S{2}) (\w+) : "[^"]+"$', re.MULTILINE)
RULE = re.compile(r"^\| .+ \| `(\w+)` \|$", re.MULTILINE)

Column = tuple[str | None, str, frozenset[str], bool]


def drawn_columns(body: str) -> list[Column]:
    """Name, type, key marks and whether it may be null, of each line of a table in the diagram."""
    found = [COLUMN.match(line) for line in body.splitlines()]
    assert all(found), f"A line is no column: {body}"
    return [
        (
            part["name"],
            part["type"],
            frozenset(re.findall(r"\w+", part["marks"])),
            (part["note"] or "").startswith("null"),
        )
        for part in found
        if part
    ]


def real_columns(model: type[models.Model]) -> list[Column]:
    """The same of a model's own fields, in their order."""
    return [(field.column, type_of(field), marks_of(field), field.null) for field in model._meta.local_concrete_fields]


def type_of(field: models.Field[Any, Any]) -> str:
    """PostgreSQL's type without its length, in the short spelling."""
    name = re.sub(r"\(\d+(, \d+)?\)", "", field.db_type(connection) or "")
    return name.replace("timestamp with time zone", "timestamptz")


def marks_of(field: models.Field[Any, Any]) -> frozenset[str]:
    marks = {
        "PK": field.primary_key,
        "FK": field.is_relation,
        "UK": field.unique and not field.primary_key,
    }
    return frozenset(mark for mark, holds in marks.items() if holds)


def real_relations() -> set[tuple[str, str, str, str]]:
    """Every foreign key as the diagram writes it: one (or none) on the left, many (or one) on the right."""
    return {
        (
            field.related_model._meta.db_table,
            "|o" if field.null else "||",
            "o|" if field.one_to_one else "o{",
            table,
        )
        for table, model in MODELS.items()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey)
    }


DRAWN = dict(TABLE.findall(DIAGRAM))


def test_the_diagram_draws_every_table_and_no_other() -> None:
    assert set(DRAWN) == set(MODELS)


@pytest.mark.parametrize("table", sorted(MODELS))
def test_the_diagram_draws_the_columns_of(table: str) -> None:
    assert drawn_columns(DRAWN[table]) == real_columns(MODELS[table])


def test_the_diagram_draws_every_relation_and_no_other() -> None:
    assert set(RELATION.findall(DIAGRAM)) == real_relations()


def test_nothing_in_the_diagram_is_left_unread() -> None:
    rest = RELATION.sub("", TABLE.sub("", DIAGRAM))
    assert rest.strip() == ""


@pytest.mark.django_db
def test_the_page_names_every_rule_that_the_database_holds_and_no_other() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        triggers = {row[0] for row in cursor.fetchall()}
    constraints = {rule.name for model in MODELS.values() for rule in model._meta.constraints}
    assert set(RULE.findall(PAGE)) == triggers | constraints


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(MODELS))
def test_the_database_has_the_drawn_columns_of(table: str) -> None:
    with connection.cursor() as cursor:
        found = {column.name for column in connection.introspection.get_table_description(cursor, table)}
    assert found == {name for name, *_ in drawn_columns(DRAWN[table])}
