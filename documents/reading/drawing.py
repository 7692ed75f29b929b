"""How a page looks: for people, who compare it with what was read of it. Runs in the child."""

from __future__ import annotations

import io
from pathlib import Path

from documents.reading.files import format_of
from documents.reading.limits import Limits
from documents.reading.results import Picture

#: Small for what it shows, of photographs and of letters alike, and known to every browser.
FORMAT, MEDIA_TYPE = "WEBP", "image/webp"
QUALITY = 75
#: Of 0 (fast) to 6 (small).
EFFORT = 2


def drawn(file: Path, number: int, width: int, limits: Limits) -> Picture | None:
    """Page `number`, at most `width` pixels wide; None where there is none to see. Raises Unreadable."""
    image = format_of(file).picture(file, number, width, limits)
    if image is None:
        return None
    out = io.BytesIO()
    image.save(out, FORMAT, quality=QUALITY, method=EFFORT)
    return Picture(out.getvalue(), MEDIA_TYPE, *image.size)
