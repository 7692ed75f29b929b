"""Verifying and exporting the log from the console."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import verifier
from audit.models import AuditEntry, AuditLink
from audit.services import checking, exporting, sealing
from audit.tasks import carry_out_verification
from audit.tests.factories import append, as_owner, sealed, sql
from config.auditing import checking as pages
from config.tests.test_audit_admin import staff
from config.tests.test_audit_api import record
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

LIST = "/admin/audit/auditentry/"
VERIFY, STATE, EXPORT = f"{LIST}verify/", f"{LIST}state/", f"{LIST}export/"
committing = pytest.mark.django_db(transaction=True)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_static_files")]


@pytest.fixture(autouse=True)
def _keys_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.AUDIT_CHECKPOINT_FILE = tmp_path / "audit-checkpoints.jsonl"


@pytest.fixture
def page(db: None) -> Client:
    return staff("view_auditentry")


def only(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


def details(entry: AuditEntry) -> dict[str, Any]:
    return dict(json.loads(entry.content)["details"])


# --- Verifying ----------------------------------------------------------------------------------------


@committing
def test_a_whole_log_is_told_to_be_whole_and_by_whom_it_was_verified(page: Client) -> None:
    sealing.seal()
    sealed(3)
    answer = page.post(VERIFY, follow=True)
    assert "Everything is as it was written" in answer.text
    outcome = checking.standing(timezone.now()).last
    assert outcome
    size = AuditLink.objects.count()
    assert (outcome.result, outcome.size, outcome.covered, outcome.findings) == ("whole", size, size, 0)
    assert outcome.actor_label == only(checking.ASKED).actor_label != ""
    assert only(checking.VERIFIED).target_id == str(only(checking.ASKED).pk)


@committing
def test_a_changed_entry_is_told_with_its_place(page: Client) -> None:
    sealing.seal()
    sealed(3)
    with as_owner():
        sql("UPDATE audit_logs SET content = replace(content, 'position', 'nowhere') WHERE action = 'test.done'")
    text = page.post(VERIFY, follow=True).text
    assert "Entries were changed, removed or added" in text
    assert "BROKEN: seq" in text
    assert "badge-failed" in text


@committing
def test_a_log_whose_end_was_cut_off_contradicts_what_was_signed(page: Client) -> None:
    sealing.seal()
    sealed(3)
    with as_owner():
        sql("DELETE FROM audit_links WHERE seq = (SELECT max(seq) FROM audit_links)")
    assert checking.standing(timezone.now()).last is None
    page.post(VERIFY)
    outcome = checking.standing(timezone.now()).last
    assert outcome
    assert outcome.result in {"broken", "contradicted"}
    assert outcome.findings > 0


@committing
def test_keys_that_can_not_be_read_are_told_as_such(page: Client, tmp_path: Path) -> None:
    (tmp_path / "audit-public-keys").write_text("bm8ga2V5\n")
    assert "could not be verified" in page.post(VERIFY, follow=True).text


def test_a_long_log_is_verified_by_a_worker(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str]] = []
    monkeypatch.setattr(pages, "CHECKED_AT_ONCE", -1)
    monkeypatch.setattr(carry_out_verification, "apply_async", lambda given, **options: sent.append(given))
    text = page.post(VERIFY, follow=True).text
    assert sent == [(str(only(checking.ASKED).pk),)]
    assert "Being verified" in text
    assert 'hx-trigger="every 2s' in text
    assert "Verify now" not in text
    page.post(VERIFY)
    assert len(sent) == 1


@committing
def test_the_worker_answers_a_question_once() -> None:
    sealed(2)
    question = checking.ask(actor=make_user("ann"))
    for _time in range(2):
        carry_out_verification(str(question))
    assert only(checking.VERIFIED).actor_label == "ann"
    standing = checking.standing(timezone.now())
    assert (standing.last and standing.last.result, standing.running_since) == ("whole", None)


def test_a_broker_that_is_down_is_told(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(pages, "CHECKED_AT_ONCE", -1)
    monkeypatch.setattr(carry_out_verification, "apply_async", refuse)
    assert "No worker can be told" in page.post(VERIFY, follow=True).text


def test_a_question_that_nobody_answers_is_forgotten() -> None:
    checking.ask(actor=None)
    now = timezone.now()
    assert checking.standing(now).running_since is not None
    assert checking.standing(now + checking.FORGOTTEN_AFTER + timedelta(seconds=1)).running_since is None


def test_an_outcome_that_somebody_made_unreadable_breaks_no_page(page: Client) -> None:
    entry = append(checking.VERIFIED)
    assert entry.pk
    assert "Nobody has asked" in page.get(LIST).text


@pytest.mark.parametrize("address", [VERIFY, STATE, EXPORT])
@pytest.mark.parametrize("codename", ["view_promptversion", "write_promptversion", "view_user", ""])
def test_who_may_not_read_the_log_neither_verifies_nor_exports_it(address: str, codename: str) -> None:
    client = staff(*([codename] if codename else []))
    statuses = {client.post(address).status_code, client.get(address).status_code}
    assert statuses <= {403, 405}
    assert not AuditEntry.objects.filter(action__startswith="audit.").exists()


def test_verifying_takes_more_than_following_a_link(page: Client) -> None:
    assert page.get(VERIFY).status_code == 405


def test_another_site_can_not_press_the_button() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(is_staff=True, is_superuser=True), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(VERIFY).status_code == 403


# --- Exporting ----------------------------------------------------------------------------------------


def downloaded(page: Client, **form: str) -> str:
    answer: Any = page.post(EXPORT, form)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    return b"".join(answer.streaming_content).decode()


def checked(text: str) -> verifier.Report:
    report = verifier.Report()
    verifier.verify_export(StringIO(text), report)
    return report


@committing
def test_an_export_is_whole_where_nothing_of_the_project_is(page: Client) -> None:
    sealing.seal()
    sealed(5)
    text = downloaded(page)
    assert checked(text).exit_code == verifier.WHOLE
    assert text.count('"kind": "entry"') == AuditLink.objects.count()
    assert only("audit.exported").actor_label != ""
    assert checked(text.replace("position", "nowhere", 1)).exit_code == verifier.BROKEN


@committing
def test_it_may_begin_with_a_day(page: Client) -> None:
    sealing.seal()
    sealed(5)
    with as_owner():
        old = "SELECT entry_id FROM audit_links WHERE seq < 4"
        sql(f"UPDATE audit_logs SET at = at - interval '10 days' WHERE id IN ({old})")
    first = exporting.first_link_since(timezone.now() - timedelta(days=5))
    assert first == 4
    lines = [json.loads(line) for line in downloaded(page, begins=f"{timezone.now():%Y-%m-%d}").splitlines()]
    assert next(line["seq"] for line in lines if line["kind"] == "entry") == 4


@committing
def test_after_the_last_entry_there_is_only_the_export_itself(page: Client) -> None:
    sealing.seal()
    sealed(1)
    text = downloaded(page, begins="2999-01-01")
    assert text.count('"kind": "entry"') == 1
    assert checked(text).exit_code == verifier.WHOLE


@committing
def test_a_download_that_is_given_up_leaves_no_transaction_behind(page: Client) -> None:
    sealing.seal()
    sealed(2)
    answer: Any = page.post(EXPORT)
    next(iter(answer.streaming_content))
    assert connection.in_atomic_block
    answer.close()
    assert not connection.in_atomic_block


def test_the_form_asks_for_a_day(page: Client) -> None:
    assert page.get(EXPORT).status_code == 200
    assert "errorlist" in page.post(EXPORT, {"begins": "tomorrow"}).text


# --- The list -----------------------------------------------------------------------------------------


def shown(page: Client, **query: str) -> set[str]:
    rows = page.get(LIST, query).context["cl"].result_list
    return {entry.action for entry in rows}


@pytest.mark.parametrize(
    "action",
    [lifecycle.ACTIVATED, lifecycle.REVIEW_BYPASSED, lifecycle.GATE_BYPASSED, lifecycle.BOTH_BYPASSED],
)
def test_any_activation_is_among_the_activations(page: Client, action: str) -> None:
    record(action)
    record("prompt_version.created")
    assert shown(page, action="activations") == {action}


def test_the_list_is_narrowed_by_the_kind_of_target(page: Client) -> None:
    version = make_version()
    record("thing.done", target=version)
    text = page.get(LIST).text
    assert "?target_type=prompts.promptversion" in text
    assert shown(page, target_type="prompts.promptversion") == {"prompt_version.created", "thing.done"}


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ({"at__gte": "2000-01-01"}, True),
        ({"at__gte": "2999-01-01"}, False),
        ({"at__lt": "2000-01-01"}, False),
        ({"at__gte": "2000-01-01", "at__lt": "2999-01-01"}, True),
        ({"at__gte": "2000-01-01", "at__lt": ""}, True),
    ],
)
def test_the_list_is_narrowed_from_a_day_to_a_day(page: Client, query: dict[str, str], is_shown: bool) -> None:
    record("thing.done")
    assert ("thing.done" in shown(page, **query)) == is_shown


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("day", ["2026-13-45", "yesterday", "", "0000-00-00", "2026-01-01T00:00:00Z"])
def test_a_day_that_is_none_leads_back_to_the_list(page: Client, day: str) -> None:
    assert page.get(LIST, {"at__gte": day}, follow=True).status_code == 200


def test_the_list_asks_as_little_for_many_rows_as_for_one(page: Client) -> None:
    numbers: list[int] = []

    def measure() -> None:
        with CaptureQueriesContext(connection) as queries:
            page.get(LIST)
        numbers.append(len(queries))

    record("thing.done")
    measure()
    for _number in range(40):
        record("thing.done")
    measure()
    assert numbers[0] == numbers[1] <= 16
