"""Keeping what takes a while to find out and never changes any more, for an hour and in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

Found = TypeVar("Found")
SECONDS = 3600


def kept(key: str, find_out: Callable[[], Found]) -> Found:
    """What `find_out` returned, perhaps a while ago. `key` names all that it depends on."""
    found: Found | None = cache.get(key)
    if found is None:
        found = find_out()
        cache.set(key, found, SECONDS)
    return found
