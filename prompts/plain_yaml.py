"""YAML read without trust: plain values in plain trees, in time linear in the file's length."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import yaml

MAX_DEPTH = 100
MAX_VALUES = 500_000

#: By libyaml where PyYAML was built with it.
_EVENTS: Any = getattr(yaml, "CLoader", yaml.Loader)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
# As the writer knows them: with a point, and a sign in the exponent.
_FLOAT = re.compile(r"([-+]?[0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ENDLESS = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}


def read(text: str) -> Any:
    """The one document of a YAML file; None where there is none.

    No anchors and aliases (of which bombs are made), no tags, no name twice, no endless numbers, and nothing that
    PostgreSQL can't hold. Raises yaml.YAMLError, and ValueError for a number with thousands of digits.
    """
    return _tree(yaml.parse(text, Loader=_EVENTS))


def _tree(events: Iterable[Any]) -> Any:
    top: list[Any] = []
    parents: list[Any] = [top]
    # For each parent that is a mapping, the name that waits for its value.
    names: list[str | None] = [None]
    for number, event in enumerate(events):
        if isinstance(event, yaml.CollectionEndEvent):
            parents.pop()
            names.pop()
        elif isinstance(event, yaml.NodeEvent):
            _check(event, number, depth=len(parents))
            value = _value(event)
            names[-1] = _put(parents[-1], names[-1], value, event)
            if isinstance(event, yaml.CollectionStartEvent):
                parents.append(value)
                names.append(None)
    if len(top) > 1:
        raise yaml.YAMLError("more than one document")
    return top[0] if top else None


def _check(event: Any, number: int, depth: int) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise _refused("anchors and aliases are not accepted", event)
    if event.tag is not None:
        raise _refused("tags are not accepted", event)
    if depth > MAX_DEPTH:
        raise _refused(f"nested deeper than {MAX_DEPTH} levels", event)
    if number > MAX_VALUES:
        raise _refused(f"more than {MAX_VALUES} values", event)


def _put(parent: Any, name: str | None, value: Any, event: Any) -> str | None:
    """Into its parent; the name that waits now."""
    if isinstance(parent, list):
        parent.append(value)
    elif name is not None:
        parent[name] = value
    elif not isinstance(value, str):
        raise _refused("a name must be a text, in quotes if it looks like something else", event)
    elif value in parent:
        raise _refused(f"{value[:64]!r} appears twice", event)
    else:
        return value
    return None


def _value(event: Any) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    text = event.value
    if _UNSTORABLE.search(text):
        raise _refused("NUL and lone surrogates can't be stored", event)
    return _plain(text, event) if event.implicit[0] else text


def _plain(text: str, event: Any) -> Any:
    """What stands without quotes: a time stays the text that it is."""
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _ENDLESS.fullmatch(text) or (_FLOAT.fullmatch(text) and not math.isfinite(float(text))):
        raise _refused("a number must be finite", event)
    return float(text) if _FLOAT.fullmatch(text) else text


def _refused(problem: str, where: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=where.start_mark)
