"""Damaged files end as text or as a reason, whatever is damaged."""

from __future__ import annotations

import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.reading import REASONS, Limits, Unreadable, read
from documents.tests.reading import drawings, pdfs
from documents.tests.reading.pdfs import write


def _saved(name: str) -> bytes:
    out = io.BytesIO()
    drawings.page(["A line"], height=16).save(out, name)
    return out.getvalue()


WHOLE = [pdfs.with_text("one", "two"), pdfs.encrypted("one", b""), *map(_saved, ("PNG", "JPEG", "TIFF"))]


@st.composite
def _damaged(draw):
    content = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(1, 8))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content[: draw(st.integers(8, len(content)))])


def _outcome(path):
    """What came of it: "pages", or the reason why there are none."""
    try:
        return "pages" if read(path, limits=Limits()) else "nothing"
    except Unreadable as error:
        return error.reason


@given(_damaged())
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_gives_pages_or_a_reason(tmp_path, content):
    assert _outcome(write(tmp_path, "file", content)) in {"pages", *REASONS} - {"crashed"}
