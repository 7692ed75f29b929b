"""Who may do what with versions, and which ways lead there."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from prompts.models import PromptVersion
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.versions import LIST, address, deleted, levels, shown
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db

ACTIONS = ("activate", "delete", "note", "test")


def test_a_viewer_sees_list_and_page_without_buttons(viewer_page: Client) -> None:
    version = make_version()
    assert version in shown(viewer_page)
    text = viewer_page.get(address(version)).text
    assert "Say " in text
    for action in ACTIONS:
        assert f"/{action}/" not in text
    assert f"{LIST}add/" not in text
    assert "History" not in text
    assert "promptrequest" not in text
    assert f"{LIST}add/" not in viewer_page.get(LIST).text


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewer_can_do_nothing_with_a_version(viewer_page: Client, action: str) -> None:
    version = make_version()
    url = address(version, action)
    values = {"replaced": "1", "post": "yes", "manual_note": "Mine.", "value-input": "me"}
    assert [viewer_page.get(url).status_code, viewer_page.post(url, values).status_code] == [403, 403]
    unchanged = PromptVersion.objects.get(pk=version.pk)
    assert (unchanged.is_active, unchanged.deleted_at, unchanged.manual_note) == (False, None, None)
    assert not unchanged.requests.exists()


def test_a_viewer_can_not_add_a_version(viewer_page: Client) -> None:
    values = {"prompt_type": "text", "template": "Say {{input}}."}
    assert viewer_page.get(f"{LIST}add/").status_code == 403
    assert viewer_page.post(f"{LIST}add/", values).status_code == 403
    assert PromptVersion.objects.filter(prompt_type__slug="text").count() == 1


@pytest.mark.parametrize("action", ["test", "note"])
def test_an_editor_tries_versions_out_and_annotates_them(editor_page: Client, action: str) -> None:
    version = make_version()
    assert f'href="{address(version, action)}"' in editor_page.get(address(version)).text
    editor_page.post(address(version, action), {"manual_note": "Mine.", "value-input": "me"})
    changed = PromptVersion.objects.get(pk=version.pk)
    assert (changed.manual_note, changed.requests.count()) == (("Mine.", 0) if action == "note" else (None, 1))


def test_an_editor_adds_versions(editor_page: Client) -> None:
    editor_page.post(f"{LIST}add/", {"prompt_type": "text", "template": "Say {{input}}."})
    assert PromptVersion.objects.filter(prompt_type__slug="text").count() == 2


@pytest.mark.parametrize("action", ["activate", "delete"])
def test_an_editor_neither_activates_nor_deletes_and_is_told_who_does(editor_page: Client, action: str) -> None:
    version = make_version()
    url = address(version, action)
    text = editor_page.get(address(version)).text
    assert url not in text
    assert "Whoever may manage everything can activate or delete it." in text
    answers = [editor_page.get(url), editor_page.post(url, {"replaced": "1", "post": "yes"})]
    assert [answer.status_code for answer in answers] == [403, 403]
    unchanged = PromptVersion.objects.get(pk=version.pk)
    assert (unchanged.is_active, unchanged.deleted_at) == (False, None)


@pytest.mark.parametrize("permission", ["add", "change", "delete"])
def test_no_permission_of_the_model_itself_changes_versions(permission: str) -> None:
    page = signed_in(make_staff("prompts.view_promptversion", f"prompts.{permission}_promptversion"))
    version = make_version()
    assert page.post(f"{LIST}add/", {"prompt_type": "text", "template": "Say {{input}}."}).status_code == 403
    assert page.post(address(version), {"template": "Other."}).status_code == 403
    assert page.post(address(version, "delete"), {"post": "yes"}).status_code == 403


def test_not_even_a_superuser_changes_a_version_by_djangos_own_form(superuser_page: Client) -> None:
    version = make_version()
    assert superuser_page.post(address(version), {"template": "Other.", "is_active": "on"}).status_code == 403
    assert PromptVersion.objects.get(pk=version.pk).template == "Say {{input}}."


@pytest.mark.parametrize("page", ["change", *ACTIONS])
def test_staff_without_the_permission_gets_nothing(page: str) -> None:
    version = make_version()
    visitor = signed_in(make_staff("prompts.view_promptrequest"))
    assert visitor.get(address(version, page)).status_code in {302, 403}
    assert visitor.get(LIST).status_code == 403
    assert visitor.post(address(version, page), {"replaced": "1"}).status_code in {302, 403}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_needs_a_sign_in_and_the_csrf_token(client: Client, manager: Any, action: str) -> None:
    url = address(make_version(), action)
    visitor: Any = client.post(url)
    assert "/admin/login/" in visitor.url
    assert signed_in(manager, enforce_csrf_checks=True).post(url).status_code == 403


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_an_action_is_asked_for_and_sent_in_no_other_way(manager_page: Client, action: str, method: str) -> None:
    assert getattr(manager_page, method)(address(make_version(), action)).status_code == 405


@pytest.mark.parametrize("action", ACTIONS)
def test_asking_changes_nothing(manager_page: Client, action: str) -> None:
    version = make_version()
    before = PromptVersion.objects.filter(pk=version.pk).values().get()
    assert manager_page.get(address(version, action)).status_code == 200
    assert PromptVersion.objects.filter(pk=version.pk).values().get() == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("identifier", [0, 10**30])
def test_there_is_no_page_for_a_version_that_does_not_exist(manager_page: Client, action: str, identifier: int) -> None:
    assert manager_page.get(f"{LIST}{identifier}/{action}/").status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_is_done_with_a_version_that_was_deleted_meanwhile(manager_page: Client, action: str) -> None:
    gone = deleted()
    for send in (manager_page.get, manager_page.post):
        page = send(address(gone, action), {"replaced": "1", "value-input": "me", "manual_note": "x"}, follow=True)
        assert levels(page) == ["error"]
        assert page.redirect_chain == [(address(gone), 302)]
    assert not gone.requests.exists()
