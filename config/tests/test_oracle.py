"""The rules that end-to-end tests and `make soak` ask of a database find what breaks them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from audit.models import AuditEntry
from config.tests.databases import Database
from config.tests.e2e.oracle import broken_rules, tables_with
from documents.models.document_file import ReadingState
from documents.tests.factories import make_file
from prompts.models import PromptType
from prompts.services import lifecycle
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db

TYPE = "oracle"
WRITTEN = "every version that somebody wrote has its audit entry"
DELETED = "every version that was deleted has its audit entry, and no other"
ACTIVATED = "every activation has its audit entry"
COUNTED = "no number of a version is above its type's counter"
ONE_ACTIVE = "a type with versions in use has one active version"
READ = "every file has been read, once"


def broken() -> set[str]:
    return set(broken_rules(Database()))


@pytest.fixture
def versions() -> None:
    """Three, of which the second is active after the first, and the third is deleted."""
    PromptType.objects.create(slug=TYPE, label="Oracle")
    editor = make_user(username="editor")
    for number in (1, 2, 3):
        lifecycle.create_version(prompt_type=TYPE, template=f"{number}: {{{{input}}}}", actor=editor)
    for number in (1, 2):
        lifecycle.activate_version(TYPE, number, actor=editor)
    lifecycle.delete_version(TYPE, 3, actor=editor)


def without_triggers(statement: str, *values: Any) -> None:
    """What only somebody with the database's own rights can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def forget(action: str) -> None:
    entry = AuditEntry.objects.filter(action=action).first()
    assert entry is not None
    without_triggers("DELETE FROM audit_logs WHERE id = %s", entry.pk)


def test_what_goes_its_way_breaks_no_rule(versions):
    assert broken() == set()


@pytest.mark.parametrize(
    ("action", "rule"),
    [(lifecycle.CREATED, WRITTEN), (lifecycle.ACTIVATED, ACTIVATED), (lifecycle.DELETED, DELETED)],
)
def test_a_change_of_a_version_whose_audit_entry_is_gone_is_found(versions, action, rule):
    forget(action)
    assert broken() == {rule}


def test_an_audit_entry_of_a_change_that_never_was_is_found(versions):
    without_triggers("UPDATE prompt_versions SET deleted_at = NULL WHERE prompt_type = %s", TYPE)
    assert broken() == {DELETED}


def test_an_epoch_that_rose_without_an_activation_is_found(versions):
    PromptType.objects.filter(slug=TYPE).update(active_epoch=F("active_epoch") + 1)
    assert broken() == {ACTIVATED}


def test_a_type_that_lost_its_active_version_is_found(versions):
    without_triggers("UPDATE prompt_versions SET is_active = false WHERE prompt_type = %s", TYPE)
    assert broken() == {ONE_ACTIVE}


def test_a_number_above_the_counter_is_found(versions):
    without_triggers("UPDATE prompt_types SET version_counter = 1 WHERE slug = %s", TYPE)
    assert broken() == {COUNTED}


@pytest.mark.parametrize("state", [ReadingState.PENDING, ReadingState.READING])
def test_a_file_that_nobody_has_read_is_found(state):
    make_file(state)
    assert broken() == {READ}


def test_a_file_with_less_pages_than_it_says_is_found():
    make_file(page_count=2, pages_read=2)
    assert broken() == {READ}


def test_a_file_that_was_read_or_can_not_be_read_is_right():
    make_file(text="One page.\fAnother.")
    make_file(ReadingState.FAILED)
    assert broken() == set()


def test_a_text_is_found_in_whichever_table_holds_it(versions):
    lifecycle.annotate_version(TYPE, 1, note="the canary sings")
    assert tables_with(Database(), "canary sings") == ["prompt_versions"]


def test_a_text_that_nowhere_stands_is_found_nowhere(versions):
    assert tables_with(Database(), "canary sings") == []
