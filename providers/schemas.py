"""A JSON Schema reduced to what all vendors enforce: the common part of three dialects. Pure.

The result never allows an answer of another shape, but it may demand more (each field is given, none is added) and
less (lengths, ranges and patterns stand in the description only). Whoever asked checks the answer themselves.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
https://ai.google.dev/gemini-api/docs/structured-output#json-schema-support
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

#: Well below what the vendors name or were seen to refuse ("too many states", "grammar is too large").
MOST_PARTS = 300
MOST_DEPTH = 10
MOST_CHARACTERS = 15_000
#: What becomes words; a longer value is no hint but a burden.
HINTS = (
    *("format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minItems", "maxItems", "uniqueItems"),
)
LONGEST_HINT = 200
SCALARS = frozenset({"string", "number", "integer", "boolean"})
NULL = {"type": "null"}


class _Unportable(ValueError):
    """No vendor can be told this."""


def portable(schema: Schema) -> dict[str, Any] | None:
    """The schema for an answer that a vendor enforces; None where that can't be said.

    Objects are closed and all of their fields required; an optional field may be null instead. References are
    replaced by what they name. None for a root that is no object, for maps with free keys, parts of any type,
    recursion, and what is too large.
    """
    try:
        reduced = _Reduction(schema).part(schema, 1)
    except _Unportable:
        return None
    fits = reduced.get("type") == "object" and _characters(reduced) <= MOST_CHARACTERS
    return reduced if fits else None


def parts(schema: Schema) -> Iterator[dict[str, Any]]:
    """A reduced schema and all that stand in it."""
    waiting: list[Any] = [schema]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += [*part.get("properties", {}).values(), *part.get("anyOf", ())]
        waiting += [part["items"]] if "items" in part else []


class _Reduction:
    """One walk through a schema; `root` is where its references lead."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self.left = MOST_PARTS

    def part(self, schema: Any, depth: int) -> dict[str, Any]:
        """Raises _Unportable."""
        self.left -= 1
        if not isinstance(schema, Mapping) or self.left < 0 or depth > MOST_DEPTH:
            raise _Unportable
        if "$ref" in schema:
            return self.part(_target(self.root, schema["$ref"]), depth + 1)
        made = self._shape(schema, depth)
        description = _description(schema)
        return made | {"description": description} if description else made

    def _shape(self, schema: Schema, depth: int) -> dict[str, Any]:
        if "const" in schema:
            return _choice([schema["const"]])
        if "enum" in schema:
            return _choice(schema["enum"])
        kinds = _kinds(schema)
        if kinds:
            return _union([self._of_kind(kind, schema, depth) for kind in kinds])
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return _union([self.part(choice, depth + 1) for choice in choices])
        if len(schema.get("allOf", ())) == 1:
            return self.part(schema["allOf"][0], depth + 1)
        raise _Unportable

    def _of_kind(self, kind: str, schema: Schema, depth: int) -> dict[str, Any]:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            if "prefixItems" in schema:
                raise _Unportable
            return {"type": "array", "items": self.part(schema.get("items"), depth + 1)}
        return {"type": kind}

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        if not properties:
            raise _Unportable
        required = schema.get("required", ())
        reduced = {name: self.part(part, depth + 1) for name, part in properties.items()}
        return {
            "type": "object",
            "properties": {name: part if name in required else _nullable(part) for name, part in reduced.items()},
            "required": list(reduced),
            "additionalProperties": False,
        }


def _kinds(schema: Schema) -> list[str]:
    kind = schema.get("type", "object" if "properties" in schema else [])
    return [kind] if isinstance(kind, str) else kind


def _choice(values: list[Any]) -> dict[str, Any]:
    """One of fixed values. Vendors take texts or numbers for it; true and false are no more than their type."""
    given = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in given):
        made: dict[str, Any] = {"type": "boolean"}
    elif all(isinstance(value, str) for value in given):
        made = {"type": "string", "enum": given}
    elif all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        made = {"type": "number", "enum": given}
    else:
        raise _Unportable
    if not given:
        return dict(NULL)
    return made if len(given) == len(values) else _nullable(made)


def _union(choices: list[dict[str, Any]]) -> dict[str, Any]:
    """Any of the choices, in the shortest form that all vendors read."""
    others = [choice for choice in choices if choice != NULL]
    if not others:
        return dict(NULL)
    made = others[0] if len(others) == 1 else {"anyOf": others}
    return made if len(others) == len(choices) else _nullable(made)


def _nullable(part: dict[str, Any]) -> dict[str, Any]:
    kind = part.get("type")
    if kind == "null" or isinstance(kind, list) or NULL in part.get("anyOf", ()):
        return part
    if kind in SCALARS and "enum" not in part:
        return part | {"type": [kind, "null"]}
    if "anyOf" in part:
        return part | {"anyOf": [*part["anyOf"], NULL]}
    return {"anyOf": [part, NULL]}


def _target(root: Schema, reference: Any) -> Any:
    """What a reference within the schema names. Raises _Unportable for any other."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise _Unportable
    target: Any = root
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(target, Mapping) or name not in target:
            raise _Unportable
        target = target[name]
    return target


def _description(schema: Schema) -> str:
    """The part's own, and in words what vendors don't enforce."""
    said = str(schema.get("description", ""))
    hints = [f"{name}: {json.dumps(schema[name], ensure_ascii=False)}" for name in HINTS if name in schema]
    hint = ", ".join(hint for hint in hints if len(hint) <= LONGEST_HINT)
    return "\n\n".join(filter(None, (said, hint and f"{{{hint}}}")))


def _characters(schema: Schema) -> int:
    names = (len(name) for part in parts(schema) for name in part.get("properties", ()))
    values = (len(str(value)) for part in parts(schema) for value in part.get("enum", ()))
    return sum(names) + sum(values)
