"""The signing key: made once, kept private, remembered after its time."""

from __future__ import annotations

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from audit import keys


def test_the_key_is_made_once_for_its_owner_only(data_dir: Path) -> None:
    first, second = keys.signing_key(), keys.signing_key()
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert stat.S_IMODE((data_dir / "audit-signing-key").stat().st_mode) == 0o600


def test_processes_that_come_at_the_same_time_get_the_same_key() -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: keys.signing_key().private_bytes_raw(), range(64)))
    assert len(made) == 1


def test_a_given_key_is_used_and_no_file_made(settings: Any, data_dir: Path) -> None:
    raw = os.urandom(32)
    settings.AUDIT_SIGNING_KEY = base64.b64encode(raw).decode()
    assert keys.signing_key().private_bytes_raw() == raw
    assert list(data_dir.iterdir()) == []


def test_whoever_only_verifies_makes_no_key(data_dir: Path) -> None:
    assert keys.trusted_keys() == {}
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize("text", ["", "no key", base64.b64encode(bytes(31)).decode()])
def test_a_file_without_a_key_is_refused_by_name(data_dir: Path, text: str) -> None:
    (data_dir / "audit-signing-key").write_text(text)
    with pytest.raises(ImproperlyConfigured, match="audit-signing-key"):
        keys.signing_key()


def test_keys_of_the_past_are_trusted_with_the_present_one(settings: Any, data_dir: Path) -> None:
    public = []
    for _ in range(3):
        (data_dir / "audit-signing-key").unlink(missing_ok=True)
        public.append(keys.signing_key().public_key())
        keys.remember(public[-1])
    elsewhere = base64.b64encode(bytes(32)).decode()
    settings.AUDIT_PUBLIC_KEYS = [elsewhere]
    trusted = {keys.encoded(key) for key in keys.trusted_keys().values()}
    assert trusted == {*map(keys.encoded, public), elsewhere}


def test_a_key_is_remembered_once(data_dir: Path) -> None:
    for _ in range(2):
        keys.remember(keys.signing_key().public_key())
    assert len((data_dir / "audit-public-keys").read_text().splitlines()) == 1
