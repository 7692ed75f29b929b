"""Paths that work with and without the trailing slash, without a redirect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.urls.resolvers import RoutePattern, URLPattern


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
