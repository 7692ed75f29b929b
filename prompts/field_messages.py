"""What is wrong with a value, in a short sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema.exceptions import ValidationError

#: Of a path or list within a sentence.
LONGEST = 100
_LIMITS = {
    "minimum": gettext_lazy("Must be at least %(limit)s."),
    "maximum": gettext_lazy("Must be at most %(limit)s."),
    "exclusiveMinimum": gettext_lazy("Must be more than %(limit)s."),
    "exclusiveMaximum": gettext_lazy("Must be less than %(limit)s."),
    "multipleOf": gettext_lazy("Must be a multiple of %(limit)s."),
    "minLength": gettext_lazy("Must have at least %(limit)s characters."),
    "maxLength": gettext_lazy("Must have at most %(limit)s characters."),
    "minItems": gettext_lazy("Must have at least %(limit)s entries."),
    "maxItems": gettext_lazy("Must have at most %(limit)s entries."),
}
_TYPES = {
    "string": gettext_lazy("a text"),
    "number": gettext_lazy("a number"),
    "integer": gettext_lazy("a whole number"),
    "boolean": gettext_lazy("true or false"),
    "array": gettext_lazy("a list"),
    "object": gettext_lazy("an object"),
    "null": gettext_lazy("nothing"),
}


def sentence(error: ValidationError) -> str:
    """What the value must be; for one inside a field, after its place there."""
    place = "".join(f"[{step}]" for step in list(error.absolute_path)[1:])[:LONGEST]
    return f"{place}: {_sentence(error)}" if place else _sentence(error)


def _sentence(error: ValidationError) -> str:
    rule = str(error.validator)
    wanted: Any = error.validator_value
    if rule in _LIMITS:
        return str(_LIMITS[rule]) % {"limit": wanted}
    if rule == "type":
        return _("Must be %(types)s.") % {"types": _types(wanted)}
    if rule in {"enum", "const"}:
        return _("Must be one of: %(values)s.") % {"values": _values(wanted if rule == "enum" else [wanted])}
    if rule == "required":
        return _("%(name)s is missing.") % {"name": _first_missing(wanted, error.instance)}
    return str(_OTHERS.get(rule, _OTHERS[""]))


_OTHERS: Mapping[str, Any] = {
    "pattern": gettext_lazy("Does not have the form that the schema asks for."),
    "uniqueItems": gettext_lazy("No entry may stand twice."),
    "additionalProperties": gettext_lazy("The schema has no such field."),
    "": gettext_lazy("Does not fit the schema."),
}


def _types(wanted: Any) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    return " / ".join(str(_TYPES.get(name, name)) for name in names)


def _values(values: list[Any]) -> str:
    return _shortened(", ".join(str(value) for value in values[:LONGEST]))


def _first_missing(wanted: list[str], given: Any) -> str:
    return _shortened(next((name for name in wanted if name not in given), ""))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
