"""What reading one file may cost."""

from __future__ import annotations

import os
from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost.

    `memory_bytes` bounds what its process holds in memory. `seconds` bounds all of it. `page_seconds` bounds the wait
    for the next page while there is a core to work on: what gives no page for so long never will. `max_pixels` bounds
    one picture, `max_text_bytes` the text of all pages in UTF-8. Up to `threads` pages are recognised at once, fewer
    where memory has no room for them.
    """

    memory_bytes: int = 512 * MEBIBYTE
    seconds: float = 1800
    page_seconds: float = 25
    max_pages: int = 1000
    max_pixels: int = 80_000_000
    max_text_bytes: int = 8 * MEBIBYTE
    threads: int = os.cpu_count() or 1
