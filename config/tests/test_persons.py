"""A person can have all that is held of them, and can have it erased."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import IntegrityError
from django.test import Client

from audit.models import AuditEntry
from config.accounts import tokens
from prompts.exceptions import Conflict
from prompts.models import PromptRequest, PromptResponse, PromptVersion
from prompts.models.prompt_request import Status
from prompts.services import execution, persons, persons_export, recording, sealing, submission
from prompts.tests.factories import completed, make_request, make_user, make_version
from prompts.tests.personas import make_admin

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "The patient in room 12."


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


@pytest.fixture
def ann() -> Any:
    """Ann Smith, with a request that was answered."""
    ann = make_user("ann", password="a long password", email="ann@example.com", first_name="Ann", last_name="Smith")
    submission.submit(user=ann, prompt_type="text", prompt_text=SECRET, purpose=SECRET, metadata={"who": SECRET})
    recording.record([completed(claim, f"About: {SECRET}") for claim in execution.claim(10, worker="w1")])
    return ann


def erase(user: Any, **options: Any) -> persons.Done:
    persons.close(user)
    return list(persons.erase(user, **options))[-1]


def export(user: Any) -> tuple[dict[str, list[Any]], dict[str, int]]:
    file = io.BytesIO()
    counts = persons_export.export(user, file)
    with zipfile.ZipFile(file) as archive:
        return {name: [json.loads(line) for line in archive.open(name)] for name in archive.namelist()}, counts


def test_nothing_that_the_person_wrote_is_left(ann: Any) -> None:
    assert erase(ann) == persons.Done(erased=1, deleted=0, waiting=0)
    request = PromptRequest.objects.get()
    assert (request.prompt_text, request.purpose, request.metadata) == ("", "", {})
    assert PromptResponse.objects.get().response_text == ""
    assert request.user_id == ann.pk


def test_the_account_has_a_pseudonym_and_lets_nobody_in(ann: Any) -> None:
    erase(ann)
    account = get_user_model().objects.get(pk=ann.pk)
    assert (account.username, account.email, account.first_name, account.last_name) == (f"erased-{ann.pk}", "", "", "")
    assert not account.is_active
    assert not account.check_password("a long password")
    assert not account.has_usable_password()


def test_tokens_and_sessions_end(ann: Any) -> None:
    token = tokens.create(user=ann, name="of Ann Smith", days=30, actor=ann)
    client, other = Client(), Client()
    client.force_login(ann)
    other.force_login(make_user("bob"))
    persons.close(ann)
    row = tokens.find(token.text)
    assert row is not None
    assert row.revoked_at is not None
    assert row.name == "erased"
    assert Session.objects.count() == 1
    assert "_auth_user_id" not in client.session


def test_unfinished_requests_are_cancelled_and_erased(ann: Any) -> None:
    waiting = make_request(ann, prompt_text=SECRET)
    assert erase(ann).erased == 2
    waiting.refresh_from_db()
    assert (waiting.status, waiting.prompt_text) == (Status.CANCELLED, "")


def test_requests_of_others_stay(ann: Any) -> None:
    other = make_request(prompt_text="Mine.")
    erase(ann)
    other.refresh_from_db()
    assert other.prompt_text == "Mine."


def test_versions_stay_under_the_pseudonym(ann: Any) -> None:
    version = make_version(author=ann)
    erase(ann)
    version.refresh_from_db()
    assert (version.author, version.template) == (f"erased-{ann.pk}", "Say {{input}}.")


def test_the_act_is_one_audit_entry_that_names_only_the_pseudonym(ann: Any) -> None:
    erase(ann)
    entry = AuditEntry.objects.get(action=persons.ERASED)
    assert entry.target_label == f"erased-{ann.pk}"
    assert json.loads(entry.content)["details"]["held"]["requests"] == 1
    written = AuditEntry.objects.filter(at__gte=entry.at).values_list("content", flat=True)
    assert not [content for content in written if SECRET in content or "ann@" in content or "Smith" in content]


def test_erasing_again_goes_on_and_tells_nothing_twice(ann: Any) -> None:
    persons.close(ann)
    closed = persons.find(persons.pseudonym(ann))
    assert erase(closed).erased == 1
    assert erase(closed).erased == 0
    assert AuditEntry.objects.filter(action=persons.ERASED).count() == 1


def test_what_is_not_sealed_yet_is_counted_as_waiting(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 3600)
    assert erase(ann) == persons.Done(erased=0, deleted=0, waiting=1)


def test_the_facts_go_too_if_that_is_wanted(ann: Any) -> None:
    original = PromptRequest.objects.get()
    submission.replay(original, user=ann)
    assert erase(ann, keep_facts=False).deleted == 2
    assert not PromptRequest.objects.exists()


def test_the_last_one_who_manages_everything_stays() -> None:
    admin = make_admin()
    with pytest.raises(Conflict, match="last active account"):
        persons.close(admin)
    make_user("second", is_superuser=True)
    persons.close(admin)


def test_an_account_whose_pseudonym_is_taken_is_refused(ann: Any) -> None:
    make_user(persons.pseudonym(ann))
    with pytest.raises(Conflict, match="Rename it first"):
        persons.close(ann)


def test_an_open_account_is_not_erased(ann: Any) -> None:
    with pytest.raises(Conflict, match="Close the account"):
        list(persons.erase(ann))
    assert PromptRequest.objects.get().prompt_text == SECRET


def test_the_export_has_all_that_is_held_and_no_secret(ann: Any) -> None:
    token = tokens.create(user=ann, name="script", days=30, actor=ann)
    make_version(author=ann)
    make_request(prompt_text="Somebody else's.")
    tables, counts = export(ann)
    (request,) = tables["prompt_requests.jsonl"]
    assert (request["prompt"], request["answer"], request["purpose"]) == (SECRET, f"About: {SECRET}", SECRET)
    (account,) = tables["users.jsonl"]
    assert (account["username"], account["email"]) == ("ann", "ann@example.com")
    assert [row["name"] for row in tables["api_tokens.jsonl"]] == ["script"]
    assert [row["template"] for row in tables["prompt_versions.jsonl"]] == ["Say {{input}}."]
    assert {entry["action"] for entry in tables["audit_logs.jsonl"]} >= {"user.created", "api_token.created"}
    assert counts["prompt_requests"] == counts["prompt_attempts"] == 1
    everything = json.dumps(tables)
    assert not [secret for secret in (token.text, ann.password, "Somebody else's") if secret in everything]


def test_the_export_is_told_to_the_log(ann: Any) -> None:
    export(ann)
    assert AuditEntry.objects.get(action=persons_export.EXPORTED).target_id == str(ann.pk)


def test_the_author_of_a_version_can_not_be_replaced_by_another(ann: Any) -> None:
    version = make_version(author=ann)
    make_user("bob", is_active=False)
    for name in ("bob", "", "nobody"):
        with pytest.raises(IntegrityError):
            PromptVersion.objects.filter(pk=version.pk).update(author=name)
