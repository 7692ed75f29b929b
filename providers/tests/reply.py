"""How a test tells the vendors' stub what to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT = "Hello from the stub, in a few words."


@dataclass(frozen=True, slots=True)
class Reply:
    """How the vendor answers one call.

    `body` (JSON when it is a dict or list, else as it is) replaces the vendor's good answer; `finish` and
    `usage` are in the vendor's words. Of a stream: `chunks` pieces of text, the end missing after `cut_after`
    of them, `error_event` in its place; the connection is reset after `drop_after` events (0: before any
    byte, also of an answer in one piece). Times are in seconds.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content_type: str = "application/json"
    text: str = TEXT
    finish: str = ""
    usage: Mapping[str, Any] | None = None
    latency: float = 0.0
    chunks: int = 3
    chunk_interval: float = 0.0
    cut_after: int | None = None
    error_event: Any = None
    drop_after: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether a stream runs to its end."""
        return self.cut_after is None and self.error_event is None
