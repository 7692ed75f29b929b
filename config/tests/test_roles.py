"""Roles: made once, told to the log, and what each of them opens."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import Client
from django.urls import reverse
from django.utils import translation

from audit.models import AuditEntry
from config.accounts import roles
from config.models import User
from config.tests.test_audit_admin import signed_in
from prompts import powers
from prompts.tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_static_files")]


def entries() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "target_label"))


def permissions_of(role: str) -> set[str]:
    rows = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


def holder(role: str, name: str = "ann") -> Any:
    user = make_user(name)
    roles.give(user, role, staff=True)
    return User.objects.get(pk=user.pk)


def test_an_installation_has_every_role_with_its_permissions() -> None:
    assert {role.name: permissions_of(role.name) for role in roles.ROLES} == {
        role.name: role.permissions for role in roles.ROLES
    }


def test_each_role_is_made_by_the_system_and_told_to_the_log() -> None:
    Group.objects.get(name="Auditor").delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica; DELETE FROM audit_logs; DELETE FROM audit_unsealed"
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert roles.make_missing() == ["Auditor"]
    assert entries() == [("group.created", "Auditor"), ("group.changed", "Auditor")]
    assert {entry.actor_label for entry in AuditEntry.objects.all()} == {""}
    assert permissions_of("Auditor") == roles.BY_NAME["Auditor"].permissions


def test_a_role_that_was_deleted_renamed_or_changed_stays_so() -> None:
    for name in ("Auditor", "Viewer"):
        Group.objects.filter(name=name).delete()
        Group.objects.create(name=name)
    Group.objects.get(name="Auditor").delete()
    renamed = Group.objects.get(name="Viewer")
    renamed.name = "Onlookers"
    renamed.save()
    Group.objects.get(name="Prompt admin").permissions.clear()
    migrate()
    names = set(Group.objects.values_list("name", flat=True))
    assert names == {"Onlookers", "Prompt editor", "Prompt admin"}
    assert permissions_of("Prompt admin") == set()


def migrate() -> None:
    """What the end of `manage.py migrate` sends."""
    for app in apps.get_app_configs():
        post_migrate.send(app, app_config=app, using="default", verbosity=0, interactive=False, plan=[], apps=apps)


def test_a_group_of_an_operator_with_that_name_is_left_alone() -> None:
    Group.objects.filter(name="Viewer").delete()
    Group.objects.create(name="Viewer")
    assert roles.make_missing() == []
    assert permissions_of("Viewer") == set()


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        ("Viewer", {"reads_versions"}),
        ("Prompt editor", {"reads_versions", "writes_versions"}),
        ("Prompt admin", {"reads_versions", "writes_versions", "manages_all", "reads_log"}),
        ("Auditor", {"reads_versions", "reads_log"}),
    ],
)
def test_each_role_has_its_powers_and_no_more(role: str, opens: set[str]) -> None:
    user = holder(role)
    tested = ("reads_versions", "writes_versions", "manages_all", "reads_log")
    assert {name for name in tested if getattr(powers, name)(user)} == opens


@pytest.mark.parametrize(
    ("role", "opened", "closed"),
    [
        ("Viewer", ["prompts_promptversion", "prompts_promptrequest", "documents_batch"], ["audit_auditentry"]),
        ("Auditor", ["audit_auditentry", "system_user", "auth_group"], ["prompts_promptrequest"]),
        ("Prompt admin", ["audit_auditentry", "prompts_promptrequest", "documents_labelledset"], ["auth_group"]),
    ],
)
def test_each_role_opens_its_pages(role: str, opened: list[str], closed: list[str]) -> None:
    page = signed_in(holder(role))
    statuses = {name: page.get(reverse(f"admin:{name}_changelist")).status_code for name in opened + closed}
    assert statuses == dict.fromkeys(opened, 200) | dict.fromkeys(closed, 403)


def test_an_auditor_changes_no_account_and_no_group() -> None:
    page, other = signed_in(holder("Auditor")), make_user("bob")
    group = Group.objects.get(name="Auditor")
    for row, name in ((other, "system_user"), (group, "auth_group")):
        address = reverse(f"admin:{name}_change", args=[row.pk])
        assert page.get(address).status_code == 200
        assert page.post(address, {"name": "x", "username": "x"}).status_code == 403


# --- On the pages -------------------------------------------------------------------------------------


@pytest.fixture
def boss_page() -> Client:
    return signed_in(make_user("boss", is_staff=True, is_superuser=True))


def values(user: User, **changed: Any) -> dict[str, Any]:
    shown = {"username": user.username, "is_active": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    return shown | changed


def address_of(user: User) -> str:
    return reverse("admin:system_user_change", args=[user.pk])


def test_a_role_is_given_on_the_page_of_a_user(boss_page: Client) -> None:
    user = make_user("ann")
    group = Group.objects.get(name="Prompt editor")
    boss_page.post(address_of(user), values(user, is_staff="on", groups=[group.pk]))
    assert powers.writes_versions(User.objects.get(pk=user.pk))


def test_who_gets_a_role_but_can_not_come_in_is_told_of(boss_page: Client) -> None:
    user = make_user("ann")
    group = Group.objects.get(name="Viewer")
    answer = boss_page.post(address_of(user), values(user, groups=[group.pk]), follow=True)
    assert "can&#x27;t sign in to the console" in answer.text
    answer = boss_page.post(address_of(user), values(user, groups=[group.pk], is_staff="on"), follow=True)
    assert "can&#x27;t sign in to the console" not in answer.text


def test_roles_are_shown_in_the_language_of_the_reader_and_kept_in_english(
    boss_page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = roles.Role("Viewer", translation.gettext_lazy("Yes"), translation.gettext_lazy("No"), frozenset())
    monkeypatch.setitem(roles.BY_NAME, "Viewer", role)
    user = make_user("ann")
    for address in (address_of(user), reverse("admin:auth_group_changelist")):
        text = boss_page.get(address, headers={"Accept-Language": "ar"}).text
        assert ">نعم<" in text or "نعم " in text
    assert Group.objects.filter(name="Viewer").exists()


def test_single_permissions_are_out_of_the_way(boss_page: Client) -> None:
    text = boss_page.get(address_of(make_user("ann"))).text
    assert text.index("id_groups") < text.index("<details>") < text.index("id_user_permissions")


# --- By the command -----------------------------------------------------------------------------------


def assign(*arguments: str) -> str:
    output = io.StringIO()
    call_command("assign_role", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_gives_a_role_and_lets_its_user_in() -> None:
    make_user("somchai")
    assert "Prompt editor" in assign("somchai", "prompt editor")
    user = User.objects.get(username="somchai")
    assert (user.is_staff, powers.writes_versions(user)) == (True, True)
    told = AuditEntry.objects.filter(target_label="somchai").exclude(action="user.created")
    assert {entry.action for entry in told} == {"user.changed"}
    assert "already" in assign("somchai", "Prompt editor")


def test_the_command_leaves_a_service_out_of_the_console() -> None:
    make_user("robot")
    assign("robot", "Prompt admin", "--no-console")
    user = User.objects.get(username="robot")
    assert (user.is_staff, powers.manages_all(user)) == (False, True)


@pytest.mark.parametrize("arguments", [["nobody", "Viewer"], ["somchai", "Emperor"]])
def test_the_command_refuses_whom_and_what_it_does_not_know(arguments: list[str]) -> None:
    make_user("somchai")
    with pytest.raises(CommandError) as refusal:
        assign(*arguments)
    assert refusal.value.returncode == 2


def test_a_role_that_the_operator_has_deleted_can_not_be_given() -> None:
    make_user("somchai")
    Group.objects.filter(name="Viewer").delete()
    with pytest.raises(CommandError, match="There is no group"):
        assign("somchai", "Viewer")
