"""Calls so plain that they need nothing of the framework: JSON asked for, and a token in the header."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What programs send that want JSON.
ACCEPT = {"*/*", "application/json", "application/json, */*"}
CONTENT_TYPES = {"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"}


def asks_plainly(headers: Mapping[str, Any]) -> bool:
    """Whether who sent these (as WSGI names them) gets JSON and asks for nothing beside."""
    return not headers.get("QUERY_STRING") and headers.get("HTTP_ACCEPT", "*/*") in ACCEPT


def brings_json(headers: Mapping[str, Any], limit: int) -> bool:
    """Whether a JSON body of a stated length comes along, of at most `limit` bytes."""
    length = headers.get("CONTENT_LENGTH") or ""
    if headers.get("CONTENT_TYPE", "").lower() not in CONTENT_TYPES or "HTTP_TRANSFER_ENCODING" in headers:
        return False
    return length.isdecimal() and len(length) < 10 and 0 < int(length) <= limit
