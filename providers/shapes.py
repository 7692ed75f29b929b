"""Checks of what vendors send: nobody else validates it."""

from __future__ import annotations

from typing import Any

import httpx2

from providers.errors import UnexpectedShape

#: Far beyond any model, and the sum of three of them still fits a column.
MOST_TOKENS = 500_000_000


class Fields(dict[str, Any]):
    """A JSON object whose fields are read like those of an SDK's; one that is missing is None."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name)


def json_of(response: httpx2.Response) -> Any:
    """The JSON of an answer, its objects as `Fields`. Raises UnexpectedShape."""
    try:
        return response.json(object_hook=Fields)
    except ValueError as err:
        kind = response.headers.get("content-type") or "nothing"
        raise UnexpectedShape(f"JSON was expected, {kind} came.") from err


def expect_text(value: Any) -> str:
    """The value if it is a text. Raises UnexpectedShape."""
    if isinstance(value, str):
        return value
    raise UnexpectedShape(f"A text was expected, {type(value).__name__} came.")


def tokens(source: Any, name: str) -> int | None:
    """The token count `name` of a usage object (or of None); None when the vendor said none that can be."""
    value = getattr(source, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS else None


def total(*counts: int | None) -> int | None:
    """The sum of what is known; None when nothing is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def expect_event_stream(response: httpx2.Response) -> None:
    """A proxy's page in a stream's place would read as a stream without events. Raises UnexpectedShape."""
    kind = response.headers.get("content-type", "")
    if "event-stream" not in kind:
        raise UnexpectedShape(f"An event stream was expected, {kind or 'nothing'} came.")
