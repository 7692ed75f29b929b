"""Whatever a model writes, what comes out is made of harmless elements, and soon."""

from __future__ import annotations

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from prompts import markdown
from prompts.markdown import TAGS
from prompts.tests.fuzzing import fuzzed
from prompts.tests.test_markdown import NASTY, Elements

PIECES = st.sampled_from(
    [*NASTY, *"[]()!<>\"'`*_~|#-\n &;:/=\\", "javascript:", "data:", "&#x6A;", "\x00", "\u202e", "on"]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
@fuzzed(200)
def test_nothing_that_could_act_is_made_of_any_text(text: str) -> None:
    started = process_time()
    html = str(markdown.rendered(text))
    assert process_time() - started < 5
    for tag, attributes in Elements(html).found:
        assert tag in TAGS
        assert set(attributes) <= {"href", "rel", "dir", "start"}
        assert (attributes.get("href") or "https:").lower().startswith(("https:", "http:", "mailto:"))
