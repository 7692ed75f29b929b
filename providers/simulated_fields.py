"""Values for the simulator's structured answers: taken from the document in a prompt, never thought of. Pure.

Nothing here understands a document. A field gets what its name and its type make likely, so that a whole batch can be
played without a vendor, and the same prompt always gets the same values.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from providers import simulated_values

Schema = Mapping[str, Any]

MOST_DEPTH = 8
MOST_FIELDS = 300
MOST_ENTRIES = 3
#: A line that fences the document off in a template.
_FENCE = re.compile(r"^-{3,}.*$", re.MULTILINE)


def answer(schema: Schema, prompt: str) -> Any:
    """What the schema asks for, with values from the prompt's document; null where that is allowed and none is found.

    Patterns other than a date's are not looked at.
    """
    return _Answer(schema, document(prompt)).value(schema, "", 0)


def document(prompt: str) -> str:
    """What stands between the last two lines of dashes, behind the only one, or else all of the prompt."""
    fences = list(_FENCE.finditer(prompt))
    if not fences:
        return prompt
    start, end = (fences[-2].end(), fences[-1].start()) if len(fences) > 1 else (fences[0].end(), len(prompt))
    return prompt[start:end]


class _Answer:
    def __init__(self, root: Schema, text: str) -> None:
        self.root = root
        self.text = text
        self.fields_left = MOST_FIELDS

    def value(self, schema: Any, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping) or depth > MOST_DEPTH:
            return None
        if reference := schema.get("$ref"):
            return self.value(_target(self.root, reference), name, depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._member(schema["enum"], name)
        kinds = _kinds(schema)
        if not kinds:
            choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or [None]
            return self.value(choices[0], name, depth + 1)
        found = self._of_kind(kinds[0], schema, name, depth)
        return found if found is not None or "null" in kinds else _EMPTY.get(kinds[0])

    def _of_kind(self, kind: str, schema: Schema, name: str, depth: int) -> Any:
        makers: dict[str, Callable[[], Any]] = {
            "object": lambda: self._object(schema, depth),
            "array": lambda: self._array(schema, name, depth),
            "string": lambda: simulated_values.text(schema, name, self.text),
            "number": lambda: simulated_values.number(schema, name, self.text),
            "integer": lambda: simulated_values.integer(schema, name, self.text),
            "boolean": lambda: self._draw(name, 2) == 0,
        }
        return makers[kind]() if kind in makers else None

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        made = {}
        for name, part in schema.get("properties", {}).items():
            self.fields_left -= 1
            if self.fields_left >= 0:
                made[name] = self.value(part, name, depth + 1)
        return made

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        items = schema.get("items")
        count = max(schema.get("minItems", 0), min(schema.get("maxItems", MOST_ENTRIES), MOST_ENTRIES))
        if isinstance(items, Mapping) and _kinds(items)[:1] == ["string"] and "enum" not in items:
            return simulated_values.words(self.text)[:count]
        return [self.value(items, name, depth + 1)] if count and items else []

    def _member(self, values: list[Any], name: str) -> Any:
        """The first that the document names, or else any."""
        text = self.text.casefold()
        named = (value for value in values if isinstance(value, str) and value and value.casefold() in text)
        return next(named, values[self._draw(name, len(values))])

    def _draw(self, name: str, count: int) -> int:
        digest = hashlib.sha256(f"{name}\n{self.text}".encode(errors="surrogatepass")).digest()
        return int.from_bytes(digest[:4]) % count


_EMPTY: dict[str, Any] = {"string": "", "number": 0, "integer": 0, "boolean": False, "array": [], "object": {}}


def _kinds(schema: Schema) -> list[str]:
    kind = schema.get("type", "object" if "properties" in schema else [])
    return [kind] if isinstance(kind, str) else sorted(kind, key=lambda kind: kind == "null")


def _target(root: Schema, reference: Any) -> Any:
    target: Any = root
    for step in str(reference).removeprefix("#/").split("/"):
        target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
    return target
