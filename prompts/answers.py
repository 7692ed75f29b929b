"""What a model answered, as a JSON object where there is one in it. Pure; linear in the answer's length."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from providers.text import storable

#: A result stands in every list of versions: a longer object is kept as the beginning of its text.
MAX_RESULT_BYTES = 64 * 1024
MAX_TEXT_LENGTH = 4000
MAX_DEPTH = 64
#: Each failed try costs one look at the whole text (json counts its lines).
MAX_TRIES = 500
# What can be the beginning of an object, or of a list of them: braces of other languages cost nothing.
_BEGINNING = re.compile(r'\{(?=\s*["}])|\[(?=\s*[\[{])')


class _Unusable(ValueError):
    """JSON that Python reads and PostgreSQL can't hold, or that two readers would understand differently."""


def result_of(text: str) -> dict[str, Any]:
    """What a test shows of an answer: the object in it, or else `{"text": …}` with its beginning."""
    found = parse_object(text)
    if found is None or len(json.dumps(found, ensure_ascii=False).encode()) > MAX_RESULT_BYTES:
        return {"text": storable(text[:MAX_TEXT_LENGTH])}
    return found


def failure(error_class: str, message: str) -> dict[str, Any]:
    """What a test shows that brought no answer."""
    return {"error": error_class, "message": storable(message[:MAX_TEXT_LENGTH])}


def is_failure(result: dict[str, Any]) -> bool:
    """Whether a test result is that of a test without an answer."""
    return result.keys() == {"error", "message"}


def parse_object(text: str) -> dict[str, Any] | None:
    """The JSON object that an answer is, or holds in a fenced block, or else the first in it; None without one.

    Objects inside a list, or inside JSON that was cut off, are parts of something else and don't count. What
    PostgreSQL refuses in a string (NUL, lone surrogates) becomes a replacement character; NaN, infinite numbers,
    doubled keys and nesting over 64 levels make an object unusable.
    """
    blocks = text.split("```")[1::2]
    try:
        return next((value for part in (*blocks, text) for value in _values(part) if isinstance(value, dict)), None)
    except (ValueError, RecursionError):
        return None


def _values(text: str) -> Iterator[Any]:
    """The objects and lists in a text, in order. After what can't be read it goes on behind the place of the error."""
    position = 0
    for _ in range(MAX_TRIES):
        start = _BEGINNING.search(text, position)
        if start is None:
            return
        try:
            value, position = _DECODER.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            position = max(error.pos, start.end())
        else:
            yield _cleaned(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Unusable("a key stands twice")
    return made


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise _Unusable("a number is too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise _Unusable(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_constant)


def _cleaned(value: Any, depth: int = 1) -> Any:
    if depth > MAX_DEPTH:
        raise _Unusable("nested too deep")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_cleaned(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return _object([(storable(key), _cleaned(item, depth + 1)) for key, item in value.items()])
    return value
