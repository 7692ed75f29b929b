"""What a model answered, as a JSON object where there is one in it. Pure; linear in the answer's length.

Why no library mends what is broken: docs/decisions/0014-answers-to-fields.md.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from prompts.broken_json import Broken
from providers.text import storable

#: A result stands in every list of versions: a longer object is kept as the beginning of its text.
MAX_RESULT_BYTES = 64 * 1024
MAX_TEXT_LENGTH = 4000
MAX_DEPTH = 64
#: Each failed try costs one look at the whole text (json counts its lines).
MAX_TRIES = 500
#: Fenced blocks that are looked into.
MAX_BLOCKS = 100
#: Mending a character costs a hundred times what reading it costs.
MAX_BROKEN = 64 * 1024
# What can be the beginning of an object, or of a list of them: braces of other languages cost nothing.
_BEGINNING = re.compile(r"""\{(?=\s*["'}])|\[(?=\s*[\[{])""")


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

    One with small faults is mended. Where none is whole, of one that was cut off the members are taken that were
    complete. Objects inside a list are parts of something else and don't count. What PostgreSQL refuses in a string
    (NUL, lone surrogates) becomes a replacement character; NaN, infinite numbers, doubled keys and nesting over 64
    levels make an object unusable.
    """
    parts = (*text.split("```")[1 : 2 * MAX_BLOCKS : 2], text)
    try:
        whole = next((value for part in parts for value in _values(part) if isinstance(value, dict)), None)
        return _cut_off(parts) if whole is None else whole
    except (ValueError, RecursionError):
        return None


def _values(text: str) -> Iterator[Any]:
    """The objects and lists in a text, in order. Behind what can't be read it goes on."""
    position, is_sound = 0, True
    for _ in range(MAX_TRIES):
        start = _BEGINNING.search(text, position)
        if start is None:
            return
        try:
            value, position = _DECODER.raw_decode(text, start.start())
            yield _cleaned(value)
        except json.JSONDecodeError as error:
            position = max(error.pos, start.end())
            if is_sound and (broken := _broken(text, start.start())).end is not None:
                # What stands before its end is a part of it.
                position = broken.end
                yield _read(broken.mended)
            is_sound = False


def _cut_off(parts: Iterable[str]) -> dict[str, Any] | None:
    """The complete members of the first object that has no end."""
    for part in parts:
        start = _BEGINNING.search(part)
        broken = _broken(part, start.start()) if start else None
        if broken and broken.end is None and isinstance(found := _read(broken.mended), dict):
            return found
    return None


def _broken(text: str, start: int) -> Broken:
    """An object to mend, or none in a text that is too long for it."""
    return Broken(text if len(text) <= MAX_BROKEN else "", start)


def _read(text: str) -> Any:
    """The value, or None where it can't be read."""
    try:
        return _cleaned(_DECODER.decode(text))
    except json.JSONDecodeError:
        return None


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
