"""Accounts in the console: who may change what."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from config.models import User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """No collected, fingerprinted files: the tests run on the sources."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password="a long enough password")


@pytest.fixture
def clerk() -> User:
    """Staff who may change accounts."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "add_user"]))
    return user


def address(user: User, action: str = "change") -> str:
    return reverse(f"admin:system_user_{action}", args=[user.pk])


def test_a_superuser_grants_the_permission_that_opens_everything(boss: User) -> None:
    user = User.objects.create_user("manager", is_staff=True)
    permission = Permission.objects.get(codename="manage_all")
    values = {"username": "manager", "is_active": "on", "is_staff": "on", "user_permissions": [permission.pk]}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    signed_in(boss).post(address(user), values | dates)
    assert User.objects.get(pk=user.pk).has_perm("system.manage_all")


def test_who_may_change_accounts_can_not_make_themselves_a_superuser(clerk: User) -> None:
    values = {"username": "clerk", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    response = signed_in(clerk).post(address(clerk), values | dates | {"first_name": "Changed"})
    assert response.status_code == 302
    clerk.refresh_from_db()
    assert (clerk.first_name, clerk.is_superuser) == ("Changed", False)


@pytest.mark.parametrize("path", ["", "password/"])
def test_who_may_change_accounts_can_not_take_over_a_superuser(clerk: User, boss: User, path: str) -> None:
    url = address(boss).replace("change/", path) if path else address(boss)
    response = signed_in(clerk).post(url, {"password1": "another long password", "password2": "another long password"})
    assert response.status_code == 403
    boss.refresh_from_db()
    assert boss.check_password("a long enough password")


@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("by_group", [True, False])
def test_nor_somebody_who_may_do_more_than_they(clerk: User, by_group: bool, is_active: bool) -> None:
    manager = User.objects.create_user("manager", password="a long enough password", is_active=is_active)
    permission = Permission.objects.get(codename="manage_all")
    if by_group:
        group = Group.objects.create(name="managers")
        group.permissions.add(permission)
        manager.groups.add(group)
    else:
        manager.user_permissions.add(permission)
    url = address(manager).replace("change/", "password/")
    passwords = {"password1": "another long password", "password2": "another long password"}
    assert signed_in(clerk).post(url, passwords).status_code == 403
    assert signed_in(clerk).post(address(manager), {"username": "manager", "is_active": "on"}).status_code == 403
    manager.refresh_from_db()
    assert (manager.check_password("a long enough password"), manager.is_active) == (True, is_active)


def test_who_may_change_accounts_still_helps_those_who_may_do_less(clerk: User) -> None:
    user = User.objects.create_user("user")
    url = address(user).replace("change/", "password/")
    passwords = {"password1": "another long password", "password2": "another long password"}
    assert signed_in(clerk).post(url, passwords).status_code == 302
    user.refresh_from_db()
    assert user.check_password("another long password")


def test_only_a_superuser_changes_what_a_group_may_do(clerk: User, boss: User) -> None:
    clerk.user_permissions.add(*Permission.objects.filter(content_type__app_label="auth", content_type__model="group"))
    group = Group.objects.create(name="clerks")
    values = {"name": "clerks", "permissions": [Permission.objects.get(codename="manage_all").pk]}
    page = reverse("admin:auth_group_change", args=[group.pk])
    assert signed_in(clerk).post(page, values).status_code == 403
    assert signed_in(clerk).post(reverse("admin:auth_group_add"), values | {"name": "new"}).status_code == 403
    assert (
        signed_in(clerk).post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    )
    assert not group.permissions.exists()
    assert signed_in(boss).post(page, values).status_code == 302
    assert group.permissions.exists()


def test_accounts_are_not_deleted(boss: User, clerk: User) -> None:
    assert signed_in(boss).post(address(clerk, "delete"), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=clerk.pk).exists()


def test_the_console_shows_no_tokens_and_no_attempted_passwords(boss: User) -> None:
    text = signed_in(boss).get(reverse("admin:index")).text
    assert "Users" in text
    for hidden in ("token_blacklist", "axes", "django_celery_results"):
        assert f"/admin/{hidden}/" not in text


@pytest.mark.parametrize(("permissions", "is_offered"), [(["view_user"], False), (["view_user", "change_user"], True)])
def test_only_who_may_set_a_password_is_led_there(permissions: list[str], *, is_offered: bool) -> None:
    """A link that ends in a refusal helps nobody."""
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    page = signed_in(reader).get(address(User.objects.create_user("ann", password="a long enough password")))
    assert ("../password/" in page.text, page.status_code) == (is_offered, 200)
