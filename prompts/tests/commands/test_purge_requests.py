"""`manage.py purge_requests` erases what is past its time, tells how far it is, and can be asked what it would do."""

from __future__ import annotations

import pytest

from prompts.management.people import REFUSED
from prompts.models import PromptRequest, PromptType
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_request
from prompts.tests.services.sealed import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def cancelled() -> None:
    for _ in range(3):
        make_request(status="cancelled", finished_at="2026-01-01T00:00Z")
    as_owner("UPDATE prompt_requests SET created_at = now() - interval '8 days'")
    PromptType.objects.filter(slug="text").update(keep_texts_days=7)


def erased() -> int:
    return PromptRequest.objects.filter(texts_erased_at__isnull=False).count()


@pytest.mark.usefixtures("cancelled")
def test_it_tells_how_far_it_is_and_what_it_has_done() -> None:
    output, progress = run("purge_requests", "--batch", "2")
    assert progress.splitlines() == ["text: texts erased of 2 requests …", "text: texts erased of 3 requests …"]
    assert "text: texts erased of 3 requests." in output
    assert erased() == 3


@pytest.mark.usefixtures("cancelled")
def test_a_dry_run_counts_and_changes_nothing() -> None:
    assert "text: texts erased of 3 requests, if this were no dry run." in run("purge_requests", "--dry-run")[0]
    assert erased() == 0


@pytest.mark.usefixtures("cancelled")
def test_a_limit_and_a_type_are_kept_to() -> None:
    run("purge_requests", "--type", "code")
    assert erased() == 0
    run("purge_requests", "--type", "text", "--limit", "1")
    assert erased() == 1


def test_a_type_that_there_is_not_is_refused() -> None:
    refused = refusal("purge_requests", "--type", "nothing")
    assert (refused.returncode, "nothing" in str(refused)) == (REFUSED, True)


def test_without_any_term_it_says_so() -> None:
    assert "kept for ever" in run("purge_requests")[0]


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_what_is_no_number_of_requests_is_refused(number: str) -> None:
    assert "no whole number" in str(refusal("purge_requests", "--batch", number))
