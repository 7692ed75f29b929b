"""Generated secrets: private, whole, and the same for everybody who asks."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.embedded.secrets import read_or_create_secret, write_new_secret


def test_only_the_owner_can_read_a_new_secret(tmp_path: Path) -> None:
    read_or_create_secret(tmp_path / "new" / "key")

    assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_secret_stays_the_same(tmp_path: Path) -> None:
    first = read_or_create_secret(tmp_path / "key")

    assert read_or_create_secret(tmp_path / "key") == first
    assert len(first) >= 50


def test_all_who_come_at_once_get_one_secret_and_leave_no_draft(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: read_or_create_secret(tmp_path / "key"), range(64)))

    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_given_value_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    assert write_new_secret(tmp_path / "key", "first") is True
    assert write_new_secret(tmp_path / "key", "second") is False
    assert (tmp_path / "key").read_text() == "first\n"


def test_an_empty_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "key").touch()

    with pytest.raises(ImproperlyConfigured, match=r"key is empty\. Delete it"):
        read_or_create_secret(tmp_path / "key")
