"""JSON as bytes, by orjson."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from csp.constants import UNSAFE_INLINE
from django.utils.functional import Promise
from rest_framework.fields import Field
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList


def to_json(data: Any, *, indent: bool = False) -> bytes:
    """`data` as UTF-8 JSON. Lazy texts are resolved in the active language."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_INDENT_2 if indent else None)


def _plain(value: Any) -> Any:
    match value:
        case Promise() | Decimal():
            return str(value)
        case ReturnDict() | Mapping():
            return dict(value)
        case ReturnList():
            return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")


class OrjsonRenderer(JSONRenderer):
    """JSON in a tenth of the time that the standard library takes."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Compact, or indented where the media type asks for it, as the browsable API does."""
        if data is None:
            return b""
        try:
            return to_json(data, indent=bool(self.get_indent(accepted_media_type or "", dict(renderer_context or {}))))
        except TypeError:
            # orjson reads 1e20, PostgreSQL keeps it as an integer, and orjson writes none beyond 64 bits.
            content: bytes = super().render(data, accepted_media_type, renderer_context)
            return content


class TemplateRenderer(JSONRenderer):
    """What stands in the browsable API's form for a raw body."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The fields as they are or, for something new, those that must be filled in: empty ones would be refused."""
        serializer = data.serializer
        if serializer.instance is None:
            data = {name: value for name, value in data.items() if _is_prefilled(serializer.fields[name])}
        content: bytes = super().render(data, accepted_media_type, renderer_context)
        return content


def _is_prefilled(field: Field[Any, Any, Any, Any]) -> bool:
    return field.required or bool(field.style.get("prefilled"))


class StrictBrowsableRenderer(BrowsableAPIRenderer):
    """The browsable API under the server's content security policy, with the one exception that its template needs."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> str:
        """The page; its response may have style attributes, and nothing else inline."""
        context = dict(renderer_context or {})
        context["response"]._csp_update = {"style-src-attr": [UNSAFE_INLINE]}
        page: str = super().render(data, accepted_media_type, context)
        return page

    def get_context(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Without the style sheet for code samples, of which there are none."""
        return {**super().get_context(*args, **kwargs), "code_style": ""}
