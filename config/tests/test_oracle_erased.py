"""The rules that end-to-end tests and `make soak` ask of a database know what an erased row looks like."""

from __future__ import annotations

from typing import Any

import pytest

from config.tests.databases import Database
from config.tests.e2e.oracle import broken_rules
from documents.services import labelling
from documents.tests.factories import make_document
from prompts.models import PromptType
from prompts.services import execution, persons, recording, retention, sealing, submission
from prompts.tests.factories import completed, make_user, make_version
from prompts.tests.services.sealed import as_owner

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = "an erased request has no text, and hashes exactly if it was answered"
SALTS = "a salt is gone exactly where the text is"
TRIED = "no version shows the end of a try-out that was erased"
DOCUMENTS = "an erased document has no name, no text and no labels"
TOLD = "every erasing is in the log"


@pytest.fixture(autouse=True)
def _erased(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of Ann: a try-out that was answered, and a document with labels. Bob's answer stays."""
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    ann, bob = make_user("ann"), make_user("bob")
    version = make_version(author=bob, model="simulator/default")
    for user in (bob, ann):
        given: dict[str, Any] = {
            "variables": {"input": "Ann"},
            "version_number": version.version_number,
            "is_sandbox": True,
        }
        submission.submit(user=user, prompt_type="text", **given)
        recording.record([completed(claim, "Hello Ann.") for claim in execution.claim(10, worker="w1")])
    labelling.import_set(actor=bob, name="receipts", labelled=[(make_document(ann), {"total": "9.50"})])
    persons.close(ann)
    assert list(persons.erase(ann))[-1] == persons.Done(erased=1, deleted=0, waiting=0)


def broken() -> set[str]:
    return set(broken_rules(Database()))


def test_what_was_erased_breaks_no_rule() -> None:
    assert broken() == set()


def test_neither_do_facts_that_were_deleted() -> None:
    as_owner("UPDATE prompt_requests SET created_at = now() - interval '9 days'")
    PromptType.objects.filter(slug="text").update(keep_facts_days=7)
    assert retention.purge_all() == 2
    assert broken() == set()


@pytest.mark.parametrize(
    ("attack", "rule"),
    [
        ("UPDATE prompt_requests SET prompt_text = 'x' WHERE texts_erased_at IS NOT NULL", TEXTS),
        ("UPDATE prompt_requests SET variables = '{\"a\": 1}' WHERE texts_erased_at IS NOT NULL", TEXTS),
        ("UPDATE prompt_requests SET erased_hashes = NULL WHERE texts_erased_at IS NOT NULL", TEXTS),
        ("UPDATE prompt_responses SET response_text = 'x' WHERE response_text = ''", TEXTS),
        ("UPDATE prompt_attempts SET error_message = 'x'", TEXTS),
        ("UPDATE prompt_seals SET salts = decode(repeat('ab', length(salts)), 'hex')", SALTS),
        ("UPDATE prompt_seals SET salts = decode(repeat('00', length(salts)), 'hex')", SALTS),
        ("UPDATE prompt_versions SET test_result_json = '{}' WHERE created_by_id IS NOT NULL", TRIED),
        ("UPDATE documents SET name = 'ann.pdf'", DOCUMENTS),
        ('UPDATE labelled_documents SET expected = \'{"total": "9.50"}\'', DOCUMENTS),
        ("DELETE FROM audit_logs WHERE action = 'requests.texts_erased'", TOLD),
    ],
)
def test_what_came_back_or_was_not_told_is_found(attack: str, rule: str) -> None:
    as_owner(attack)
    assert broken() == {rule}
