"""What the engine leaves of an answer that grew: nothing but the answer."""

from __future__ import annotations

import pytest

from prompts import partials
from prompts.engine import Engine
from prompts.models import PromptRequest
from prompts.services import submission
from prompts.tests.factories import make_request, make_version
from prompts.tests.test_engine import engine, quick, status, wait_for

__all__ = ["engine", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def growing(engine: Engine) -> PromptRequest:
    """A test of a version whose answer is being shown."""
    simulate = {"text": "one two three four five", "chunks": 5, "chunk_interval_ms": 400}
    request = make_request(is_sandbox=True, version=make_version(), parameters={"simulate": simulate})
    wait_for(lambda: bool(shown(request)))
    assert status(request) == "generating"
    return request


def shown(request: PromptRequest) -> str:
    """What a page would show of it now."""
    return partials.read(request.pk, PromptRequest.objects.values_list("lease_token", flat=True).get(pk=request.pk))


def left(request: PromptRequest) -> bool:
    """Whether anything of it is still kept, whoever may look at it."""
    return bool(partials._redis.ask(lambda client: client.exists(partials.KEY.format(request.pk))))


def test_what_grew_is_gone_once_the_answer_is_recorded(growing: PromptRequest) -> None:
    assert "one two three four five".startswith(shown(growing))
    wait_for(lambda: status(growing) == "completed")
    wait_for(lambda: not left(growing))
    growing.refresh_from_db()
    assert growing.response.response_text == "one two three four five"


def test_what_grew_is_gone_once_a_test_was_cancelled(growing: PromptRequest) -> None:
    submission.cancel(growing.pk)
    assert shown(growing) == ""
    wait_for(lambda: not left(growing))
    assert not hasattr(PromptRequest.objects.get(pk=growing.pk), "response")
