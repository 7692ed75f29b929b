"""Mass assignment: a field that a form or a body does not offer can't be set with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from config.models import ApiToken, User
from config.tests.conftest import PASSWORD
from documents.tests.batching import make_batch
from prompts.models import PromptType, PromptVersion
from prompts.tests.admin.benches import bench, typed
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import make_request, make_user, make_version
from prompts.tests.personas import client_of, make_editor

POWERS = {"is_superuser": "on", "is_staff": "on", "groups": "1", "user_permissions": "1", "is_active": "on"}
#: The server's own: whose, since when, how often, under which number and right.
OWN = {
    "id": 1,
    "user": 1,
    "user_id": 1,
    "created_by": 1,
    "createdBy": 1,
    "author": "root",
    "created_at": "2001-01-01T00:00:00Z",
    "createdAt": "2001-01-01T00:00:00Z",
    "expires_at": "2099-01-01T00:00:00Z",
    "is_active": True,
    "isActive": True,
    "version_number": 99,
    "versionNumber": 99,
    "version_counter": 99,
    "active_epoch": 99,
    "state": "finished",
    "digest": "00",
    "is_superuser": True,
}


def unoffered(*offered: str) -> dict[str, Any]:
    return {name: value for name, value in OWN.items() if name not in offered}


def test_no_body_of_the_api_sets_what_is_the_servers(root: Any) -> None:
    api, request = client_of(root), make_request(root)
    batch = make_batch(1, root, model="simulator/default")
    for path, body, offered in (
        ("/api/tokens/", {"name": "robot"}, ()),
        ("/api/ai/prompts/text", {"template": "Say {{input}}."}, ()),
        ("/api/ai/prompt-types/", {"slug": "poem", "label": "Poem"}, ("is_active",)),
        (f"/api/ai/prompts/{request.pk}/replay", {}, ("version_number",)),
        (f"/api/ai/documents/batches/{batch.pk}/rerun", {}, ("versionNumber",)),
    ):
        for name, value in unoffered(*offered).items():
            answer = api.post(path, body | {name: value})
            assert answer.status_code == 400, (path, name, answer.content)
            assert name in answer.json()["errors"], (path, name, answer.content)


@pytest.mark.parametrize("path", ["/api/ai/prompt-types/text", "/api/ai/prompts/text/1/note"])
def test_no_change_over_the_api_sets_it_either(root: Any, path: str) -> None:
    body = {"label": "Text"} if path.endswith("types/text") else {"manualNote": "Good."}
    for name, value in unoffered("is_active").items():
        assert client_of(root).patch(path, body | {name: value}).status_code == 400, name


def test_signing_in_makes_nobody_more_than_they_are(ann: Any) -> None:
    sign_in = {"username": "ann", "password": PASSWORD}
    Client().post("/admin/login/", sign_in | POWERS)
    assert client_of().post("/api/token/", sign_in | {"is_superuser": True}).status_code == 400
    ann.refresh_from_db()
    assert (ann.is_superuser, ann.is_staff, ann.groups.count()) == (False, False, 0)


def test_changing_ones_password_changes_nothing_else(ann: Any) -> None:
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    new = "another long and quiet river 8"
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new, "username": "root", **POWERS}
    assert signed_in(ann).post("/admin/password_change/", sent).status_code == 302
    ann.refresh_from_db()
    assert ann.check_password(new)
    assert (ann.username, ann.is_superuser, ann.groups.count()) == ("ann", False, 0)


def test_who_may_change_accounts_gives_themselves_no_power(db: None) -> None:
    clerk = make_staff("system.change_user", "system.view_user", "system.add_user")
    address = reverse("admin:system_user_change", args=[clerk.pk])
    every = [str(key) for key in Permission.objects.values_list("pk", flat=True)]
    signed_in(clerk).post(address, {"username": "clerk", **POWERS, "user_permissions": every})
    clerk.refresh_from_db()
    assert (clerk.is_superuser, clerk.groups.count(), clerk.user_permissions.count()) == (False, 0, 3)


def test_a_token_is_made_for_whoever_asks(ann: Any) -> None:
    staff, root = make_staff("prompts.view_promptrequest"), make_user("boss", is_superuser=True)
    sent = {"name": "robot", "days": 1, "user": root.pk, "user_id": root.pk, "expires_at": "2099-01-01", "digest": "x"}
    signed_in(staff).post("/admin/system/apitoken/add/", sent)
    made = ApiToken.objects.get()
    assert made.user == staff
    assert (made.expires_at - made.created_at).days == 1


@pytest.mark.usefixtures("db")
def test_a_version_written_in_the_workbench_is_not_active_and_its_writers_own() -> None:
    editor = make_editor()
    User.objects.filter(pk=editor.pk).update(is_staff=True)
    sent = {
        "is_active": "on",
        "version_number": "99",
        "created_by": "1",
        "author": "root",
        "activated_at": "2001-01-01",
    }
    signed_in(editor).post(bench(), typed(template="Mine {{input}}", **sent, prompt_type="code", deleted_at="x"))
    made = PromptVersion.objects.latest("pk")
    facts = (made.prompt_type_id, made.version_number, made.is_active, made.author, made.activated_at)
    assert facts == ("text", 2, False, "editor", None)


def test_a_note_changes_nothing_of_its_version(console: Client, root: Any) -> None:
    version = make_version()
    stored = PromptVersion.objects.filter(pk=version.pk).values("template", "is_active", "author", "version_number")
    before = stored.get()
    address = reverse("admin:prompts_promptversion_note", args=[version.pk])
    sent = {
        "manual_note": "Good.",
        "template": "Evil {{input}}",
        "is_active": "on",
        "author": "x",
        "version_number": "9",
    }
    assert signed_in(root).post(address, sent).status_code == 302
    assert stored.get() == before


def test_the_page_of_a_type_sets_no_counter(root: Any) -> None:
    kind = PromptType.objects.get(slug="text")
    address = reverse("admin:prompts_prompttype_change", args=[kind.pk])
    sent = {
        "label": "Prose",
        "slug": "evil",
        "version_counter": "99",
        "active_epoch": "99",
        "max_template_length": "4000",
    }
    answer = signed_in(root).post(address, sent | {"default_parameters": "{}", "is_active": "on"})
    assert answer.status_code == 302
    changed = PromptType.objects.get(pk=kind.pk)
    assert (changed.label, changed.slug, changed.version_counter) == ("Prose", "text", kind.version_counter)
    assert changed.active_epoch == kind.active_epoch
