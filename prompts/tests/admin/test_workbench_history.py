"""The history of the workbench: versions, their differences and notes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prompts.admin import version_display
from prompts.admin.workbench import history
from prompts.models import PromptVersion
from prompts.services import testing
from prompts.services.testing import SandboxResult
from prompts.tests.admin.benches import bench
from prompts.tests.admin.versions import activated, deleted, entries
from prompts.tests.factories import make_request, make_version

pytestmark = pytest.mark.django_db


def shown(page: Client, query: str = "") -> list[int]:
    """The numbers of the versions, in their order."""
    return [entry.version.version_number for entry in page.get(f"{bench()}{query}").context["entries"]]


def entry_of(page: Client, number: int, query: str = "") -> Any:
    found = page.get(f"{bench()}{query}").context["entries"]
    return next(entry for entry in found if entry.version.version_number == number)


def test_the_newest_stands_first_and_deleted_ones_are_left_out_until_they_are_asked_for(viewer_page: Client) -> None:
    make_version()
    deleted()
    assert (shown(viewer_page), shown(viewer_page, "?deleted=1")) == ([2, 1], [3, 2, 1])


def test_only_a_part_of_a_long_history_is_shown_at_first(viewer_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "STEP", 2)
    monkeypatch.setattr(history, "MOST_SHOWN", 4)
    for _number in range(5):
        make_version()
    first = viewer_page.get(f"{bench()}?version=1")
    assert (shown(viewer_page, "?shown=2"), first.context["more_address"]) == ([6, 5], "?version=1&shown=4")
    last = viewer_page.get(f"{bench()}?version=1&shown=4")
    assert len(last.context["entries"]) == 4
    assert "See all in the list of versions" in last.text


@pytest.mark.parametrize("asked", ["", "x", "-1", "0", "9" * 40, "٣"])
def test_a_wish_that_makes_no_sense_is_as_none(viewer_page: Client, asked: str) -> None:
    assert shown(viewer_page, f"?shown={asked}") == [1]


def test_a_line_tells_note_author_test_and_uses(viewer_page: Client) -> None:
    version = make_version(manual_note="First line\nand more")
    testing.keep([SandboxResult(version.pk, {"error": "auth", "message": "No."})])
    make_request(version=version)
    entry = entry_of(viewer_page, 2)
    assert (entry.note, entry.version.author, entry.uses) == ("First line", version.author, "1")
    assert "Failed" in entry.test


def test_the_lines_tell_of_a_test_as_soon_as_it_has_ended(viewer_page: Client) -> None:
    make_version()
    text = viewer_page.get(f"{bench()}?version=2").text
    assert 'hx-get="?version=2" hx-trigger="sandbox-ended from:body"' in text
    assert 'hx-swap="none" hx-select="#history" hx-select-oob="#figures-2,#figures-1"' in text
    assert (text.count('id="figures-2"'), text.count('id="figures-1"')) == (1, 1)


def test_uses_are_counted_no_further_than_they_matter(viewer_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_display, "MOST_COUNTED", 1)
    version = make_version()
    for _number in range(3):
        make_request(version=version)
    entry = entry_of(viewer_page, 2)
    assert (entry.uses, entry.version.used) == ("more than 1", 2)


def test_the_loaded_version_is_marked(viewer_page: Client) -> None:
    make_version()
    text = viewer_page.get(f"{bench()}?version=2").text
    assert text.count('<li class="entry" aria-current="true">') == 1
    assert entry_of(viewer_page, 2, "?version=2").is_loaded


def test_the_active_version_can_be_neither_activated_nor_deleted_from_there(manager_page: Client) -> None:
    version = activated(make_version())
    text = manager_page.get(bench()).text
    assert f"/promptversion/{version.pk}/activate/" not in text
    assert f"/promptversion/{version.pk}/delete/" not in text
    assert "/delete/" in text


def test_the_number_of_queries_does_not_grow_with_the_versions(
    manager_page: Client, django_assert_num_queries: Any
) -> None:
    make_version()
    manager_page.get(bench())
    with CaptureQueriesContext(connection) as few:
        manager_page.get(bench())
    for _number in range(15):
        make_request(version=make_version())
    with django_assert_num_queries(len(few)):
        manager_page.get(bench())


# --- Differences ----------------------------------------------------------------------------------


def test_the_loaded_version_is_compared_with_the_one_that_is_named(viewer_page: Client) -> None:
    make_version("Old {{input}}")
    make_version("New {{input}}", model="simulator/default")
    page = viewer_page.get(f"{bench()}?version=3&against=2")
    assert "Template: from Version 2 to Version 3" in page.text
    assert '<td class="sign">+</td><td><div class="line" dir="auto">New {{input}}</div>' in page.text
    assert "Model: from Version 2 to Version 3" in page.text
    assert 'href="?version=3&amp;against=1"' in page.text


def test_differences_lead_from_the_older_to_the_newer_version(viewer_page: Client) -> None:
    make_version("New {{input}}")
    assert "Template: from Version 1 to Version 2" in viewer_page.get(f"{bench()}?version=1&against=2").text


def test_a_version_is_the_same_as_itself(viewer_page: Client) -> None:
    assert "Version 1 is the same as Version 1" in viewer_page.get(f"{bench()}?version=1&against=1").text


def test_each_line_leads_to_the_difference_that_matters(viewer_page: Client) -> None:
    make_version("Old {{input}}")
    make_version("New {{input}}")
    assert entry_of(viewer_page, 2, "?version=3").compare == "?version=3&against=2"
    assert entry_of(viewer_page, 3, "?version=3").compare == "?version=3&against=1"
    assert entry_of(viewer_page, 1).compare == ""


# --- Notes ----------------------------------------------------------------------------------------


def test_a_note_is_written_in_its_line(editor_page: Client) -> None:
    version = make_version()
    answer = editor_page.post(f"{bench('text', '_note', 2)}?version=2", {"manual_note": "أفضل\r\nnow "})
    assert PromptVersion.objects.get(pk=version.pk).manual_note == "أفضل\nnow"
    assert '<li class="entry" aria-current="true">' in answer.text
    assert "<bdi>أفضل</bdi>" in answer.text
    assert entries(version) == ["prompt_version.created"]


def test_an_empty_note_is_none(editor_page: Client) -> None:
    version = make_version(manual_note="Gone soon")
    editor_page.post(bench("text", "_note", 2), {"manual_note": " \n"})
    assert PromptVersion.objects.get(pk=version.pk).manual_note is None


@pytest.mark.parametrize("note", ["x" * 2_001, "a\x00b"])
def test_a_note_that_can_not_be_kept_is_told_and_still_there(editor_page: Client, note: str) -> None:
    version = make_version(manual_note="Kept.")
    answer = editor_page.post(bench("text", "_note", 2), {"manual_note": note})
    assert "errorlist" in answer.text
    assert '<details class="entry-noting" open>' in answer.text
    assert PromptVersion.objects.get(pk=version.pk).manual_note == "Kept."


def test_a_viewer_writes_no_note(viewer_page: Client) -> None:
    version = make_version()
    assert viewer_page.post(bench("text", "_note", 2), {"manual_note": "Mine."}).status_code == 403
    assert PromptVersion.objects.get(pk=version.pk).manual_note is None


@pytest.mark.parametrize("number", [0, 99, 10**30])
def test_there_is_no_note_on_a_version_that_does_not_exist(editor_page: Client, number: int) -> None:
    assert editor_page.post(bench("text", "_note", number), {"manual_note": "x"}).status_code == 404


def test_a_deleted_version_gets_no_note(editor_page: Client) -> None:
    gone = deleted()
    assert editor_page.post(bench("text", "_note", gone.version_number), {"manual_note": "x"}).status_code == 404
