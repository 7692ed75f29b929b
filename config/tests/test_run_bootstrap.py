"""What an installation gets before it serves: its first administrator, once, with no default password."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.bootstrap import ensure_admin, migrate
from config.healthcheck import host_header
from config.models import User

pytestmark = pytest.mark.django_db


def test_without_a_given_password_one_is_generated_and_kept_privately(tmp_path: Path) -> None:
    admin = ensure_admin(tmp_path)

    assert admin is not None
    assert admin.password is not None
    assert User.objects.get(username="admin").check_password(admin.password)
    assert (tmp_path / "admin-password").read_text().strip() == admin.password
    assert stat.S_IMODE((tmp_path / "admin-password").stat().st_mode) == 0o600


def test_two_installations_never_get_the_same_password(tmp_path: Path) -> None:
    first = ensure_admin(tmp_path / "one")
    User.objects.all().delete()
    second = ensure_admin(tmp_path / "two")

    assert first is not None
    assert second is not None
    assert first.password != second.password


def test_a_given_account_is_made_and_its_password_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "root")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "root@example.org")
    admin = ensure_admin(tmp_path)
    user = User.objects.get(username="root")

    assert admin is not None
    assert admin.password is None
    assert user.email == "root@example.org"
    assert user.check_password("correct horse battery staple")
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_an_administrator_nothing_is_made(tmp_path: Path) -> None:
    User.objects.create_superuser("someone", password="x")

    assert ensure_admin(tmp_path) is None
    assert User.objects.count() == 1
    assert list(tmp_path.iterdir()) == []


def test_a_plain_user_of_that_name_is_not_made_an_administrator(tmp_path: Path) -> None:
    User.objects.create_user("admin", password="x")

    with pytest.raises(ImproperlyConfigured, match="Set DJANGO_SUPERUSER_USERNAME"):
        ensure_admin(tmp_path)
    assert not User.objects.get(username="admin").is_superuser


def test_an_up_to_date_database_is_not_migrated() -> None:
    assert migrate() == 0


@pytest.mark.parametrize(
    ("allowed", "header"),
    [("a.example,b.example", "a.example"), ("*", "localhost"), (".example", "localhost"), ("", "localhost")],
)
def test_the_container_s_probe_uses_a_host_name_that_is_let_through(allowed: str, header: str) -> None:
    assert host_header(allowed) == header
