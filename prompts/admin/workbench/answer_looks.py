"""How an answer looks beside its schema, and beside another answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts import answers, field_schemas
from prompts.admin import differences, display
from prompts.admin.differences import Difference
from prompts.field_schemas import FieldCheck

#: An object may hold thousands; nobody reads a table of them.
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an answer: its value as text (None where there is none), a mark, and what is wrong with it."""

    name: str
    value: str | None
    mark: SafeString | str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an answer that is an object. `note` tells what is wrong with it as a whole, or left out here."""

    rows: list[Field]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A field of two answers, and whether its values are the same."""

    name: str
    left: str | None
    right: str | None
    is_same: bool
    mark: SafeString


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two answers: field by field where both are objects, else line by line; both are empty where nothing differs."""

    pairs: list[Pair]
    text: Difference | None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self.text is None and all(pair.is_same for pair in self.pairs)


def fields_of(text: str, schema: dict[str, Any] | None) -> Fields | None:
    """The fields in an answer, held against the schema; None for a text of which no fields were asked."""
    found = answers.parse_object(text)
    if found is None:
        return Fields([], [_("The answer is no JSON object, so it has no fields.")]) if schema else None
    if schema is None:
        return Fields(
            [Field(name, shown(value)) for name, value in list(found.items())[:MOST_FIELDS]], _cut(len(found))
        )
    check = field_schemas.check_answer(schema, found)
    # JSON in PostgreSQL loses the order of fields; a list such as the required ones keeps it.
    names = list(dict.fromkeys([*schema.get("required", ()), *schema.get("properties", {}), *check.missing, *found]))
    rows = [_field(name, found, check, schema) for name in names[:MOST_FIELDS]]
    return Fields(rows, [*_on(check, ""), *_cut(len(names))])


def compare(left: str, right: str) -> Comparison:
    """What two answers differ in."""
    one, other = answers.parse_object(left), answers.parse_object(right)
    if one is None or other is None:
        return Comparison([], differences.difference(_("Answer"), left, right) if left != right else None)
    names = list(dict.fromkeys([*one, *other]))[:MOST_FIELDS]
    return Comparison([_pair(name, one, other) for name in names], None)


def shown(value: Any) -> str:
    """A value as people read it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _pair(name: str, one: dict[str, Any], other: dict[str, Any]) -> Pair:
    left, right = (shown(found[name]) if name in found else None for found in (one, other))
    is_same = left == right
    mark = display.badge("completed", _("Same")) if is_same else display.badge("billed", _("Differs"))
    return Pair(name, left, right, is_same, mark)


def _field(name: str, found: dict[str, Any], check: FieldCheck, schema: dict[str, Any]) -> Field:
    value = shown(found[name]) if found.get(name) is not None else None
    problems = _on(check, name)
    is_absent = name not in found and name in schema.get("required", ())
    return Field(name, value, _mark(is_absent, name in check.missing, bool(problems)), problems)


def _mark(is_absent: bool, is_empty: bool, is_wrong: bool) -> SafeString:
    """A field may be there and empty: that the document says nothing of it is an answer, too."""
    if is_absent:
        return display.badge("failed", _("Missing"))
    if is_empty:
        return display.badge("empty", _("Empty"))
    return display.badge("failed", _("Problem")) if is_wrong else display.badge("completed", _("Fits"))


def _on(check: FieldCheck, field: str) -> tuple[str, ...]:
    return tuple(problem.message for problem in check.problems if problem.field == field)


def _cut(number: int) -> list[str]:
    left = number - MOST_FIELDS
    return [_("Fields that are left out here: %(number)d") % {"number": left}] if left > 0 else []
