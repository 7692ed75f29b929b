"""Of all that can stand in an Authorization header, only a token of ours is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import token_text
from prompts.api.bearer import claims_of
from prompts.tests.factories import make_user
from prompts.tests.fuzzing import fuzzed
from prompts.tests.personas import bearer

#: As WSGI hands headers on.
HEADERS = st.text(st.characters(max_codepoint=255))
SCHEMES = st.sampled_from(["Bearer ", "bearer ", "Bearer  ", "Bearer\t", "Token ", "Basic ", ""])
BODIES = st.one_of(HEADERS, st.from_regex(r"apm_[A-Za-z0-9_-]{40,46}", fullmatch=True), st.from_regex(r"\w+\.\w+\.\w+"))


@given(SCHEMES, BODIES)
@fuzzed(200)
def test_a_header_holds_a_whole_token_or_none(scheme: str, body: str) -> None:
    found = token_text.in_header(scheme + body)
    assert (found is not None) == (scheme == "Bearer " and token_text.FORM.fullmatch(body) is not None)
    assert found in {None, body}


@given(SCHEMES, BODIES)
@fuzzed(100)
def test_no_header_that_was_made_up_has_claims(scheme: str, body: str) -> None:
    assert claims_of(scheme + body) is None


@pytest.fixture
def header(db: None) -> str:
    return bearer(make_user())


@given(data=st.data())
@fuzzed(60)
def test_a_token_with_a_changed_character_has_none(header: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(len("Bearer "), len(header) - 1))
    other = data.draw(st.characters(max_codepoint=255))
    changed = header[:place] + other + header[place + 1 :]
    claims = claims_of(changed)
    # The last character of base64 has bits that stand for nothing.
    is_last = place + 1 == len(header)
    assert claims is None or changed == header or is_last
