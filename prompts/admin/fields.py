"""Inputs of the console's forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from django import forms
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.models import PromptType
from prompts.services.inputs import is_storable

if TYPE_CHECKING:
    AnyModelChoice = forms.ModelChoiceField[PromptType]
else:
    AnyModelChoice = forms.ModelChoiceField

#: Deeper than any option or schema needs, and far from the depth at which Python's own encoder gives up.
MAX_DEPTH = 64


def lines_attrs(rows: int, direction: str = "auto") -> dict[str, Any]:
    """How a text of several lines is typed in."""
    return {"rows": rows, "dir": direction, "class": "vLargeTextField"}


class TypeChoice(AnyModelChoice):
    """One of the prompt types, by its slug."""

    def __init__(self, **options: Any) -> None:
        super().__init__(PromptType.objects.all(), to_field_name="slug", **options)

    def to_python(self, value: Any) -> PromptType | None:
        if not is_storable(str(value)):
            raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": value})
        return super().to_python(value)


class Lines(forms.CharField):
    """Text of several lines, kept as it is typed but for the ends of lines, which browsers send as CR LF."""

    def __init__(self, *, rows: int, **options: Any) -> None:
        super().__init__(strip=False, widget=forms.Textarea(attrs=lines_attrs(rows)), **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class Names(forms.CharField):
    """Names of placeholders between commas or spaces; whoever puts them into braces is understood, too."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return re.split(r"[\s,{}]+", f" {super().to_python(value)} ")[1:-1]


class JSONObject(forms.CharField):
    """A JSON object that PostgreSQL can hold; None for nothing at all."""

    def __init__(self, *, rows: int, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs=lines_attrs(rows, "ltr")), **options)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else display.pretty_json(value)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return parse_object(text) if text else None


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object that `text` is. Raises ValidationError, which says where the mistake is."""
    try:
        found = orjson.loads(text.encode(errors="surrogatepass"))
    except orjson.JSONDecodeError as error:
        raise forms.ValidationError(
            _("Line %(line)d, column %(column)d: this is not valid JSON.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    if not isinstance(found, dict):
        raise forms.ValidationError(
            _("Write a JSON object, for example %(sample)s.") % {"sample": '{"temperature": 0.2}'}
        )
    _refuse_depth_and_nul(found)
    return found


def _refuse_depth_and_nul(found: dict[str, Any]) -> None:
    """Level by level, so that the depth is counted and not recursed into."""
    level: list[Any] = [found]
    for _depth in range(MAX_DEPTH):
        if not all(is_storable(value) for value in level if isinstance(value, str)):
            raise forms.ValidationError(_("This holds a NUL character, which can't be stored."))
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise forms.ValidationError(_("This is nested too deeply."))


def _children(value: Any) -> list[Any]:
    match value:
        case dict():
            return [*value, *value.values()]
        case list():
            return value
    return []
