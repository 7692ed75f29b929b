"""Testing, annotating and deleting versions in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.tests.admin.versions import activated, active_number, active_version, address, entries, levels
from prompts.tests.factories import make_request, make_version

pytestmark = pytest.mark.django_db


def test_a_test_sends_a_sandbox_request_and_leads_to_it(manager: Any, manager_page: Client) -> None:
    version = make_version("Say {{input}}.", model="simulator/default")
    page = manager_page.post(address(version, "test"), {"value-input": "it\r\ntwice "}, follow=True)
    sent = PromptRequest.objects.get()
    assert (sent.version, sent.user, sent.is_sandbox, sent.prompt_text) == (version, manager, True, "Say it\ntwice .")
    assert page.redirect_chain == [(reverse("admin:prompts_promptrequest_change", args=[sent.pk]), 302)]
    assert (levels(page), active_number()) == (["success"], 1)


def test_each_placeholder_has_a_field_of_its_own(manager_page: Client) -> None:
    version = make_version("{{csrfmiddlewaretoken}} {{data}} {{prefix}} {{input}}", model="simulator/default")
    values = {f"value-{name}": name.upper() for name in ("csrfmiddlewaretoken", "data", "prefix", "input")}
    manager_page.post(address(version, "test"), values)
    assert PromptRequest.objects.get().prompt_text == "CSRFMIDDLEWARETOKEN DATA PREFIX INPUT"


def test_a_template_without_placeholders_is_sent_as_it_is(manager_page: Client) -> None:
    version = make_version("Say hello.", model="simulator/default")
    assert "The template has no placeholders" in manager_page.get(address(version, "test")).text
    manager_page.post(address(version, "test"))
    assert PromptRequest.objects.get().prompt_text == "Say hello."


def test_an_empty_lone_placeholder_is_told_at_its_field(manager_page: Client) -> None:
    page = manager_page.post(address(make_version(), "test"), {"value-input": ""})
    assert list(page.context["form"].errors) == ["input"]
    assert not PromptRequest.objects.exists()


def test_a_test_that_the_services_refuse_says_why_and_keeps_what_was_entered(manager_page: Client) -> None:
    PromptType.objects.filter(slug="text").update(is_active=False)
    page = manager_page.post(address(make_version(), "test"), {"value-input": "somebody"})
    assert "There is no prompt type “text”." in page.text
    assert "somebody</textarea>" in page.text
    assert not PromptRequest.objects.exists()


def test_who_has_too_many_unfinished_requests_is_told_so(manager: Any, manager_page: Client, settings: Any) -> None:
    settings.MAX_UNFINISHED_PER_USER = 1
    make_request(manager)
    page = manager_page.post(address(make_version(), "test"), {"value-input": "x"})
    assert "You have too many unfinished requests." in page.text
    assert PromptRequest.objects.count() == 1


# --- Note and deletion ----------------------------------------------------------------------------


def test_a_note_is_written_changed_and_taken_away(manager_page: Client) -> None:
    version = make_version()
    for entered, kept in (("First.", "First."), ("أفضل\r\nnow", "أفضل\nnow"), ("  ", None)):
        page = manager_page.post(address(version, "note"), {"manual_note": entered}, follow=True)
        version.refresh_from_db()
        assert (version.manual_note, levels(page)) == (kept, ["success"])
    assert entries(version) == ["prompt_version.created"]


def test_a_note_that_is_too_long_is_told_at_its_field(manager_page: Client) -> None:
    version = make_version(manual_note="Kept.")
    page = manager_page.post(address(version, "note"), {"manual_note": "x" * 2_001})
    assert list(page.context["form"].errors) == ["manual_note"]
    assert PromptVersion.objects.get(pk=version.pk).manual_note == "Kept."


def test_the_active_version_can_have_a_note_too(manager_page: Client) -> None:
    active = active_version()
    manager_page.post(address(active, "note"), {"manual_note": "Good."})
    assert PromptVersion.objects.get(pk=active.pk).manual_note == "Good."


def test_the_question_before_a_deletion_says_how_many_requests_used_the_version(manager_page: Client) -> None:
    version = make_version()
    make_request(version=version)
    make_request(version=version)
    text = manager_page.get(address(version, "delete")).text
    assert "Requests that used it: 2." in text


def test_a_deleted_version_is_gone_from_the_list_and_still_shown_by_its_requests(manager_page: Client) -> None:
    version = make_version()
    used = make_request(version=version, variables={"input": "<b>x</b>"})
    page = manager_page.post(address(version, "delete"), follow=True)
    assert levels(page) == ["success"]
    assert version not in page.context["cl"].result_list
    text = manager_page.get(reverse("admin:prompts_promptrequest_change", args=[used.pk])).text
    assert f'<a href="{address(version)}">Version 2</a> <span class="badge badge-deleted">Deleted</span>' in text
    assert entries(version) == ["prompt_version.created", "prompt_version.deleted"]


def test_the_active_version_is_not_deleted_and_no_success_is_told(manager_page: Client) -> None:
    version = make_version()
    assert manager_page.get(address(version, "delete")).status_code == 200
    activated(version)
    page = manager_page.post(address(version, "delete"), follow=True)
    assert levels(page) == ["error"]
    assert "Activate another version first, then delete this one." in page.text
    assert PromptVersion.objects.get(pk=version.pk).deleted_at is None
    assert not LogEntry.objects.exists()


def test_nobody_is_asked_whether_to_delete_the_active_version(manager_page: Client) -> None:
    active = active_version()
    page = manager_page.get(address(active, "delete"), follow=True)
    assert page.redirect_chain == [(address(active), 302)]
    assert "Activate another version first, then delete this one." in page.text


def test_who_did_it_is_remembered_by_the_overview(manager: Any, manager_page: Client) -> None:
    version = make_version()
    manager_page.post(address(version, "note"), {"manual_note": "Better."})
    manager_page.post(address(version, "activate"), {"replaced": "1"})
    lines = LogEntry.objects.filter(object_id=str(version.pk), user=manager).order_by("pk")
    assert [line.get_change_message() for line in lines] == ["Changed note.", "Changed active."]
