"""Prompt types and versions as a YAML file: written without loss, and read without trust."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from prompts import plain_yaml
from prompts.exceptions import InvalidInput

FORMAT = "ai-prompt-manager prompts 1"
MAX_FILE_BYTES = 32 * 1024 * 1024
MOST_NAMED = 20
FIELD = "file"
#: Columns of a type that a file holds.
SETTINGS = (
    *("label", "description", "default_model", "default_parameters", "is_active"),
    *("required_placeholders", "max_template_length", "requires_review"),
)

# What a reader of YAML would take for the end of a line, or an editor would lose: these are escaped.
_FRAGILE = re.compile("[\r\x85\u2028\u2029\ufeff]")

# Far from the last one that the column holds: the counter never goes back.
_NUMBER = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
_TIME = {"type": "string", "maxLength": 40}
_VERSION = {
    "type": "object",
    "properties": {
        "number": _NUMBER,
        "active": {"type": "boolean"},
        "author": {"type": "string", "maxLength": 150},
        "created_at": _TIME,
        "activated_at": _TIME,
        "model": {"type": "string", "maxLength": 200},
        "parameters": {"type": "object"},
        "field_schema": {"type": "object"},
        "note": {"type": "string"},
        "last_tested_at": _TIME,
        "test_result": {"type": "object"},
        "template_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "template": {"type": "string"},
    },
    "required": ["number", "template"],
    "additionalProperties": False,
}
_TYPE = {
    "type": "object",
    "properties": {
        "slug": {"type": "string", "maxLength": 64},
        "label": {"type": "string"},
        "description": {"type": "string"},
        "default_model": {"type": "string"},
        "default_parameters": {"type": "object"},
        "is_active": {"type": "boolean"},
        "required_placeholders": {"type": "array", "items": {"type": "string"}},
        "max_template_length": _NUMBER,
        "requires_review": {"type": "boolean"},
        "version_counter": _NUMBER | {"minimum": 0},
        "versions": {"type": "array", "items": _VERSION},
    },
    "required": ["slug"],
    "additionalProperties": False,
}
_FILE = Draft202012Validator(
    {
        "type": "object",
        "properties": {"format": {"const": FORMAT}, "types": {"type": "array", "items": _TYPE}},
        "required": ["format", "types"],
        "additionalProperties": False,
    }
)


def dump(types: list[dict[str, Any]]) -> str:
    """The file for these types, in their order; texts of several lines as they are, wherever YAML keeps them so."""
    return yaml.dump(
        {"format": FORMAT, "types": types},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=math.inf,
    )


def load(data: bytes) -> list[dict[str, Any]]:
    """The types of a file, with every value of the kind that it must be. Raises InvalidInput on `file`."""
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput.on(FIELD, _("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE_BYTES // 2**20})
    document = _parsed(data)
    found = [f"{error.json_path}: {error.message[:200]}" for error in _first(_FILE.iter_errors(document))]
    if found:
        raise InvalidInput(" ".join(found), errors={FIELD: found})
    types: list[dict[str, Any]] = document["types"]
    return types


def _parsed(data: bytes) -> Any:
    try:
        return plain_yaml.read(data.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidInput.on(FIELD, _("The file can't be read: %(problem)s") % {"problem": _told(error)}) from error


def _told(error: Exception) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error)[:200]
    mark = error.problem_mark
    return f"{str(error.problem)[:200]} (line {mark.line + 1}, column {mark.column + 1})"


def _first(found: Any) -> list[Any]:
    return [error for error, _number in zip(found, range(MOST_NAMED), strict=False)]


class _Dumper(yaml.SafeDumper):
    """Indents lists, shares nothing, and writes texts of several lines as literal blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _FRAGILE.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
