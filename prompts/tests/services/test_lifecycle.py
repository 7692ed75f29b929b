"""Creating, activating, annotating and deleting versions, and what the database refuses whoever asks."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from audit.models import AuditEntry
from prompts.exceptions import ActiveVersionStays, InvalidInput, NotFound, ReviewRequired
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewed() -> None:
    PromptType.objects.filter(slug="text").update(requires_review=True)


def activate(version: PromptVersion, *, actor: Any = None, **options: Any) -> lifecycle.Activation:
    actor = actor or make_user()
    return lifecycle.activate_version(version.prompt_type_id, version.version_number, actor=actor, **options)


def entries_of(version: PromptVersion) -> list[str]:
    return list(AuditEntry.objects.filter(target_id=version.pk).order_by("id").values_list("action", flat=True))


def details(action: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(AuditEntry.objects.get(action=action).content)["details"]
    return found


def test_a_new_version_gets_the_next_number_and_is_inactive() -> None:
    author = make_user("somchai")
    version = make_version("สวัสดี {{input}}", author=author)
    assert (version.version_number, version.is_active, version.author) == (2, False, "somchai")
    assert version.template_sha256 == hashlib.sha256("สวัสดี {{input}}".encode()).hexdigest()


def test_each_change_is_one_audit_entry() -> None:
    version, successor = make_version(), make_version()
    activate(version)
    activate(successor)
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    assert entries_of(version) == ["prompt_version.created", "prompt_version.activated", "prompt_version.deleted"]


def test_a_note_is_not_audited() -> None:
    version = make_version()
    lifecycle.annotate_version("text", version.version_number, note="Good for invoices.")
    version.refresh_from_db()
    assert (version.manual_note, entries_of(version)) == ("Good for invoices.", ["prompt_version.created"])


def test_activating_switches_the_one_before_off_and_raises_the_epoch() -> None:
    version = make_version()
    epoch = PromptType.objects.get(slug="text").active_epoch
    done = activate(version)
    assert (done.changed, done.previous and done.previous.version_number) == (True, 1)
    assert list(PromptVersion.objects.filter(prompt_type__slug="text", is_active=True)) == [version]
    assert PromptType.objects.get(slug="text").active_epoch == epoch + 1


def test_activating_an_older_version_again_is_how_to_go_back() -> None:
    first, second = PromptVersion.objects.get(prompt_type__slug="text"), make_version()
    activate(second)
    done = activate(first)
    assert (done.changed, done.previous, done.version.is_active) == (True, second, True)


def test_activating_the_active_version_changes_nothing() -> None:
    version = make_version()
    activate(version)
    epoch, entries = PromptType.objects.get(slug="text").active_epoch, entries_of(version)
    assert activate(version).changed is False
    assert (PromptType.objects.get(slug="text").active_epoch, entries_of(version)) == (epoch, entries)


def test_the_active_version_can_not_be_deleted() -> None:
    with pytest.raises(ActiveVersionStays):
        lifecycle.delete_version("text", 1, actor=make_user())


def test_a_deleted_version_is_gone_for_every_operation() -> None:
    number = make_version().version_number
    lifecycle.delete_version("text", number, actor=make_user())
    for call in (
        lambda: lifecycle.activate_version("text", number, actor=make_user()),
        lambda: lifecycle.annotate_version("text", number, note="x"),
        lambda: lifecycle.delete_version("text", number, actor=make_user()),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_deleted_version_stays_for_the_requests_that_used_it() -> None:
    version = make_version()
    request = make_request(version=version)
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    request.refresh_from_db()
    assert request.version == version
    assert request.version.deleted_at is not None


def test_the_number_of_a_deleted_version_is_not_given_again() -> None:
    last = make_version()
    lifecycle.delete_version("text", last.version_number, actor=make_user())
    assert make_version().version_number == last.version_number + 1


@pytest.mark.parametrize("number", [0, -1, 99, 10**30])
@pytest.mark.parametrize("slug", ["text", "missing", "a\x00b"])
def test_what_is_not_there_is_not_found(slug: str, number: int) -> None:
    with pytest.raises(NotFound):
        lifecycle.activate_version(slug, number, actor=make_user())


@pytest.mark.usefixtures("reviewed")
def test_an_author_can_not_activate_a_reviewed_version() -> None:
    author = make_user()
    version = make_version(author=author)
    with pytest.raises(ReviewRequired):
        activate(version, actor=author)
    assert entries_of(version) == ["prompt_version.created"]


@pytest.mark.usefixtures("reviewed")
def test_another_person_activates_a_reviewed_version() -> None:
    version = make_version()
    assert activate(version).changed
    assert entries_of(version)[1:] == ["prompt_version.activated"]


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("reason", ["", " ", "\t\n", "\u00a0", "\u200b", "..."])
def test_a_blank_reason_bypasses_no_review(reason: str) -> None:
    author = make_user()
    with pytest.raises(ReviewRequired):
        activate(make_version(author=author), actor=author, bypass_reason=reason)


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("reason", ["x" * 501, "a\x00b", "\ud800"])
def test_a_reason_that_can_not_be_kept_bypasses_no_review(reason: str) -> None:
    author = make_user()
    with pytest.raises(InvalidInput):
        activate(make_version(author=author), actor=author, bypass_reason=reason)


@pytest.mark.usefixtures("reviewed")
def test_a_bypass_is_audited_with_its_reason() -> None:
    author = make_user()
    version = make_version(author=author)
    activate(version, actor=author, bypass_reason="Production is down.")
    assert entries_of(version)[1:] == ["prompt_version.review_bypassed"]
    assert details("prompt_version.review_bypassed")["reason"] == "Production is down."


@pytest.mark.usefixtures("reviewed")
def test_a_version_without_an_author_is_activated_by_anyone() -> None:
    seeded = PromptVersion.objects.get(prompt_type__slug="text")
    activate(make_version())
    assert seeded.created_by is None
    assert activate(seeded).changed


def test_an_author_activates_where_no_review_is_asked_for() -> None:
    author = make_user()
    assert activate(make_version(author=author), actor=author, bypass_reason="Not needed.").changed
    assert not AuditEntry.objects.filter(action="prompt_version.review_bypassed").exists()


@pytest.mark.parametrize(
    "values",
    [
        {"template": "other"},
        {"template_sha256": "0" * 64},
        {"version_number": 77},
        {"prompt_type_id": "code"},
        {"model": "simulator/default"},
        {"parameters": {"seed": 1}},
        {"field_schema": {}},
        {"author": "somebody else"},
        {"created_by_id": None},
        {"created_at": timezone.now()},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_database_lets_nobody_change_a_version(values: dict[str, Any]) -> None:
    version = make_version()
    with pytest.raises(IntegrityError, match="can not be changed"):
        PromptVersion.objects.filter(pk=version.pk).update(**values)


def test_the_database_lets_nobody_remove_a_version() -> None:
    version = make_version()
    with pytest.raises(IntegrityError, match="can not be changed"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM prompt_versions WHERE id = %s", [version.pk])


def test_the_database_lets_nobody_take_a_deletion_back() -> None:
    version = make_version()
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    with pytest.raises(IntegrityError, match="can not be changed"):
        PromptVersion.objects.filter(pk=version.pk).update(deleted_at=None)


@pytest.mark.parametrize("counter", ["version_counter", "active_epoch"])
def test_the_database_lets_no_counter_fall(counter: str) -> None:
    with pytest.raises(IntegrityError, match="only rise"):
        PromptType.objects.filter(slug="text").update(**{counter: 0})


def test_the_database_lets_no_second_version_be_active() -> None:
    version = make_version()
    with pytest.raises(IntegrityError, match="prompt_version_one_active"):
        PromptVersion.objects.filter(pk=version.pk).update(is_active=True, activated_at=timezone.now())


def test_the_database_lets_no_deleted_version_be_active() -> None:
    version = make_version()
    with pytest.raises(IntegrityError, match="prompt_version_active_not_deleted"):
        PromptVersion.objects.filter(pk=version.pk).update(
            is_active=True, activated_at=timezone.now(), deleted_at=timezone.now()
        )
