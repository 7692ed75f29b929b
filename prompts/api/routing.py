"""Paths that work with and without the trailing slash, without a redirect, and what can stand in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import register_converter
from django.urls.converters import StringConverter, UUIDConverter
from django.urls.resolvers import RoutePattern, URLPattern


class RequestIdConverter(UUIDConverter):
    """A request's id, in small or in capital letters."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class PromptTypeConverter(StringConverter):
    """Any text but an id: in the same place that is a request."""

    regex = f"(?!{RequestIdConverter.regex}(?:/|\\Z))[^/]+"


class VersionNumberConverter:
    """A whole number as JSON writes it; also one that no version can have, such as 0."""

    regex = "0|-?[1-9][0-9]*"

    def to_python(self, value: str) -> int:
        """The number. Raises ValueError, which means another path, for thousands of digits."""
        return int(value)

    def to_url(self, value: int) -> str:
        """As `to_python` reads it."""
        return str(value)


class EitherSlashPattern(RoutePattern):
    """Matches a route also with its trailing slash left out, or with one that it does not have.

    One form stands in schema and links.
    """

    def match(self, path: str) -> tuple[str, tuple[Any, ...], dict[str, Any]] | None:
        """As `RoutePattern.match`."""
        twin = f"{path}/" if str(self).endswith("/") else path.removesuffix("/")
        return super().match(path) or super().match(twin)


def endpoint(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    """A URL pattern like `django.urls.path`'s; `route` is the canonical form."""
    return URLPattern(EitherSlashPattern(route, name=name, is_endpoint=True), view, None, name)


register_converter(RequestIdConverter, "request_id")
register_converter(PromptTypeConverter, "prompt_type")
register_converter(VersionNumberConverter, "version_number")
