"""JSON Schema validation that ends, whatever stands in schema and value. Pure; fetches nothing.

Not looked at are formats, names by pattern, unevaluated parts, and patterns that need backtracking.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

#: Of one validation's processor time; ordinary ones take milliseconds.
MOST_SECONDS = 1.0
#: The longest text that is held against a pattern.
MOST_CHARACTERS = 10_000
#: These would run Python's regular expressions over names, or walk the schema without an end.
IGNORED = frozenset({"patternProperties", "unevaluatedProperties", "unevaluatedItems"})
Errors = Iterator[ValidationError]
Rule = Callable[[Any, Any, Any, Any], Errors | None]

_STANDARD: Mapping[str, Rule] = dict(Draft202012Validator.VALIDATORS)
_ends_at: ContextVar[float] = ContextVar("ends_at")


class TooComplicated(ValueError):
    """The rest of a validation would take too long, or leads out of the schema."""


def errors(schema: Mapping[str, Any], value: Any) -> Errors:
    """What of the value the schema doesn't allow. Raises TooComplicated, after the errors that were found before."""
    _ends_at.set(time.thread_time() + MOST_SECONDS)
    try:
        # An empty registry: no reference leads to another host.
        yield from _Validator(_of_one_dialect(schema), registry=Registry()).iter_errors(value)
    except (RecursionError, ArithmeticError, Unresolvable) as error:
        raise TooComplicated(type(error).__name__) from error


def _of_one_dialect(schema: Any) -> Any:
    """The schema without what would have a part of it read by another validator than ours."""
    if isinstance(schema, list):
        return [_of_one_dialect(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        name: _of_one_dialect(part) for name, part in schema.items() if name != "$schema" or not isinstance(part, str)
    }


def _bounded(rule: Rule) -> Rule:
    def check(validator: Any, wanted: Any, value: Any, schema: Any) -> Errors:
        if time.thread_time() > _ends_at.get():
            raise TooComplicated("time")
        yield from rule(validator, wanted, value, schema) or ()

    return check


def _properties(validator: Any, wanted: Any, value: Any, schema: Any) -> Errors | None:
    """Null stands for an optional part that is absent: vendors are told to write it so."""
    if isinstance(value, dict):
        required = schema.get("required", ())
        value = {name: part for name, part in value.items() if part is not None or name in required}
    return _STANDARD["properties"](validator, wanted, value, schema)


def _additional_properties(validator: Any, wanted: Any, value: Any, schema: Any) -> Errors | None:
    if "patternProperties" in schema:
        return None
    return _STANDARD["additionalProperties"](validator, wanted, value, schema)


def _pattern(validator: Any, wanted: Any, value: Any, schema: Any) -> Errors:
    if isinstance(value, str) and len(value) <= MOST_CHARACTERS and not _matcher(wanted)(value):
        yield ValidationError("")


def _unique_items(validator: Any, wanted: Any, value: Any, schema: Any) -> Errors:
    if wanted and isinstance(value, list) and len({json.dumps(item, sort_keys=True) for item in value}) < len(value):
        yield ValidationError("")


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> Callable[[str], bool]:
    """Rust's regular expressions: in linear time, and too large ones are refused."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex")).isinstance_python
    except SchemaError:
        return lambda _text: True


_RULES: dict[str, Rule] = {
    **{name: rule for name, rule in _STANDARD.items() if name not in IGNORED},
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "pattern": _pattern,
    "uniqueItems": _unique_items,
}
_CHECKS: dict[str, Any] = {name: _bounded(rule) for name, rule in _RULES.items()}
_Validator: Any = validators.create(
    meta_schema=Draft202012Validator.META_SCHEMA,
    validators=_CHECKS,
    type_checker=Draft202012Validator.TYPE_CHECKER,
)
