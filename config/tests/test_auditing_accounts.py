"""What happens to accounts and groups is written down, once each, in the same transaction."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit import log
from audit.models import AuditEntry
from config.bootstrap import ensure_admin
from config.models import User
from config.tests.conftest import PASSWORD
from prompts.tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords", "plain_static_files")]

CANARY = "canary-in-the-coal-mine-9"
DATES = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}


def content(entry: AuditEntry) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(entry.content)
    return told


def written(since: int = 0) -> list[AuditEntry]:
    """Entries in the order in which they were written, without the first `since` ones."""
    return list(AuditEntry.objects.order_by("at", "id")[since:])


@pytest.fixture
def bob(db: None) -> Any:
    """Somebody whose making is already written down and forgotten here."""
    return make_user("bob", email="bob@example.com", password=PASSWORD)


@pytest.fixture
def boss(db: None) -> Any:
    return User.objects.create_superuser("boss", password=PASSWORD)


def only_new(count_before: int) -> dict[str, Any]:
    """The one entry since then."""
    (entry,) = written(count_before)
    return content(entry)


def permission(codename: str = "manage_all") -> Permission:
    return Permission.objects.get(codename=codename)


def test_a_new_account_is_one_entry_that_says_what_it_may() -> None:
    user = User.objects.create_user("eve", "eve@example.com", CANARY, is_staff=True)
    told = only_new(0)
    assert told["action"] == "user.created"
    assert told["target"] == {"type": "system.user", "id": str(user.pk), "label": "eve"}
    assert told["details"] == {
        "username": "eve",
        "email": "eve@example.com",
        "is_active": True,
        "is_staff": True,
        "is_superuser": False,
    }


@pytest.mark.parametrize(
    ("field", "value", "old"),
    [
        ("username", "robert", "bob"),
        ("email", "robert@example.com", "bob@example.com"),
        ("is_staff", True, False),
        ("is_superuser", True, False),
    ],
)
def test_a_change_that_matters_tells_what_was_and_what_is(bob: Any, field: str, value: Any, old: Any) -> None:
    setattr(bob, field, value)
    bob.save()
    told = only_new(1)
    assert told["action"] == "user.changed"
    assert told["details"] == {"fields": [field], "changes": {field: {"old": old, "new": value}}}


@pytest.mark.parametrize(("is_active", "action"), [(False, "user.deactivated"), (True, "user.activated")])
def test_switching_an_account_on_or_off_has_a_name_of_its_own(is_active: bool, action: str) -> None:
    user = make_user("carl", is_active=not is_active)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    told = only_new(1)
    assert told["action"] == action
    assert told["details"]["changes"] == {"is_active": {"old": not is_active, "new": is_active}}


def test_of_a_personal_name_only_the_change_is_told(bob: Any) -> None:
    bob.first_name = CANARY
    bob.save()
    assert only_new(1)["details"] == {"fields": ["first_name"], "changes": {}}


def test_several_changes_at_once_are_one_entry(bob: Any) -> None:
    bob.is_staff, bob.email, bob.last_name = True, "b@example.com", "Brown"
    bob.save()
    assert only_new(1)["details"]["fields"] == ["email", "is_staff", "last_name"]


def test_what_was_before_is_read_from_the_table_and_not_from_an_old_copy(bob: Any) -> None:
    old_copy = User.objects.get(pk=bob.pk)
    bob.email = "second@example.com"
    bob.save()
    old_copy.email = "third@example.com"
    old_copy.save()
    assert content(written()[-1])["details"]["changes"]["email"] == {
        "old": "second@example.com",
        "new": "third@example.com",
    }


@pytest.mark.parametrize("fields", [None, ["last_login"], ["email"], []])
def test_saving_without_a_change_writes_nothing(bob: Any, fields: list[str] | None) -> None:
    bob.last_login = None
    bob.save(update_fields=fields)
    assert len(written()) == 1


def test_a_field_that_is_not_saved_is_no_change(bob: Any) -> None:
    bob.is_staff, bob.email = True, "new@example.com"
    bob.save(update_fields=["email"])
    assert only_new(1)["details"]["fields"] == ["email"]


def test_a_copy_with_deferred_columns_is_told_correctly(bob: Any) -> None:
    lean = User.objects.only("email").get(pk=bob.pk)
    lean.email = "lean@example.com"
    lean.save()
    assert only_new(1)["details"]["fields"] == ["email"]


def test_a_new_password_is_told_without_the_password(bob: Any) -> None:
    bob.set_password(CANARY)
    bob.save()
    assert only_new(1)["details"] == {"fields": ["password"], "changes": {}, "password": "set"}


def test_a_password_that_is_taken_away_is_told(bob: Any) -> None:
    bob.set_unusable_password()
    bob.save()
    assert only_new(1)["details"]["password"] == "disabled"


def test_hashing_a_password_anew_at_a_sign_in_is_not_told_as_a_new_password(bob: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert bob.check_password(PASSWORD)
    assert only_new(1)["details"]["password"] == "hash replaced"


def test_a_deleted_account_is_told() -> None:
    make_user("gone").delete()
    assert content(written()[-1])["action"] == "user.deleted"
    assert content(written()[-1])["target"]["label"] == "gone"


def test_no_entry_holds_a_password_or_its_hash(boss: Any) -> None:
    user = User.objects.create_user("eve", "eve@example.com", CANARY)
    hashes = [user.password]
    client = signed_in(boss)
    client.post(reverse("admin:auth_user_password_change", args=[user.pk]), passwords(f"{CANARY}-2"))
    Client().post("/api/token/", {"username": "eve", "password": f"{CANARY}-2"}, content_type="application/json")
    for _attempt in range(6):
        Client().post("/admin/login/", {"username": CANARY, "password": CANARY})
    user.refresh_from_db()
    everything = json.dumps(list(AuditEntry.objects.values()), default=str)
    assert "login.locked_out" in everything
    assert CANARY not in everything
    assert not any(
        stored in everything or stored.rpartition("$")[2] in everything for stored in [*hashes, user.password]
    )


def passwords(text: str) -> dict[str, str]:
    return {"usable_password": "true", "password1": text, "password2": text, "set-password": "1"}


def signed_in(user: User) -> Client:
    client = Client(headers={"X-Correlation-ID": "test-1"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_change_in_the_console_tells_who_and_from_where(boss: Any, bob: Any) -> None:
    client = signed_in(boss)
    before = len(written())
    address = reverse("admin:system_user_change", args=[bob.pk])
    client.post(address, {"username": "bob", "email": "bob@example.com", "is_active": "on", "is_staff": "on"} | DATES)
    told = only_new(before)
    assert told["action"] == "user.changed"
    assert told["details"]["changes"] == {"is_staff": {"old": False, "new": True}}
    assert told["actor"] == {"id": boss.pk, "label": "boss"}
    assert told["origin"] == {"channel": "admin", "address": "127.0.0.1", "correlation_id": "test-1"}


def test_a_password_set_in_the_console_is_one_entry(boss: Any, bob: Any) -> None:
    client = signed_in(boss)
    before = len(written())
    client.post(reverse("admin:auth_user_password_change", args=[bob.pk]), passwords(CANARY))
    told = only_new(before)
    assert (told["details"]["password"], told["actor"]["label"]) == ("set", "boss")


def test_granting_groups_and_permissions_in_the_console_is_told(boss: Any, bob: Any) -> None:
    group = Group.objects.create(name="Auditors")
    client = signed_in(boss)
    before = len(written())
    values = {"username": "bob", "email": "bob@example.com", "is_active": "on", "groups": [group.pk]}
    date = bob.date_joined
    dates = {"date_joined_0": f"{date:%Y-%m-%d}", "date_joined_1": f"{date:%H:%M:%S.%f}"}
    address = reverse("admin:system_user_change", args=[bob.pk])
    client.post(address, values | dates | {"user_permissions": [permission().pk]})
    told = [content(entry) for entry in written(before)]
    assert [entry["details"]["changes"] for entry in told] == [
        {"groups": {"added": ["Auditors"]}},
        {"user_permissions": {"added": ["system.manage_all"]}},
    ]
    assert {entry["actor"]["label"] for entry in told} == {"boss"}
    assert {entry["target"]["label"] for entry in told} == {"bob"}


def test_commands_make_accounts_as_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", CANARY)
    call_command("createsuperuser", interactive=False, username="first", email="a@example.com", stdout=io.StringIO())
    User.objects.get().delete()
    ensure_admin(tmp_path)
    created = [content(entry) for entry in written() if entry.action == "user.created"]
    assert [entry["target"]["label"] for entry in created] == ["first", "admin"]
    assert {(entry["actor"]["id"], entry["origin"]["channel"]) for entry in created} == {(None, "command")}


def test_a_change_that_fails_writes_nothing(bob: Any) -> None:
    make_user("taken")
    before = len(written())
    bob.username = "taken"
    with pytest.raises(IntegrityError), transaction.atomic():
        bob.save()
    assert len(written()) == before


@pytest.mark.django_db(transaction=True)
def test_without_its_entry_no_change_is_made(bob: Any) -> None:
    bob.is_superuser = True
    with patch.object(log, "append", side_effect=RuntimeError, autospec=True), pytest.raises(RuntimeError):
        bob.save()
    assert User.objects.get(pk=bob.pk).is_superuser is False
