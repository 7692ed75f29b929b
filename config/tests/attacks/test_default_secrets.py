"""Default passwords and secrets: there are none to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.models import User
from config.safety import refuse_weak_secret
from prompts.tests.personas import client_of

SAMPLES = Path(settings.BASE_DIR, ".env.example").read_text("utf-8").splitlines()
KNOWN = ["admin", "password", "changeme", "secret", "123456", "admin123", "postgres", "root", "demo", "prompts"]
WEAK = ["", "secret", "changeme", "x" * 100, "django-insecure-" + "a1B2c3D4e5" * 5, "ab" * 40]


@pytest.mark.parametrize("name", ["admin", "root", "demo", "owner", "postgres", "system", "test"])
def test_nobody_has_an_account_before_one_is_made(db: None, name: str) -> None:
    assert not User.objects.exists()
    statuses = {client_of().post("/api/token/", {"username": name, "password": word}).status_code for word in KNOWN[:4]}
    assert statuses == {401}


def test_an_account_without_a_password_has_none_that_opens_it(db: None, quick_passwords: None) -> None:
    user = User.objects.create_user("robot")
    assert not any(user.check_password(word) for word in ["", " ", "None", "!", *KNOWN])


@pytest.mark.parametrize("secret", WEAK, ids=range(len(WEAK)))
def test_a_key_that_can_be_guessed_stops_the_start(secret: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        refuse_weak_secret("SECRET_KEY", secret)


def test_the_sample_settings_hold_no_secret() -> None:
    secret = ("KEY=", "PASSWORD=", "TOKEN=", "SECRET=")
    given = [line for line in SAMPLES if "=" in line and line.partition("=")[0].endswith(tuple(s[:-1] for s in secret))]
    assert given
    assert [line for line in given if line.partition("=")[2].strip()] == []


def test_the_keys_of_this_installation_are_long_and_different() -> None:
    keys: list[Any] = [settings.SECRET_KEY, settings.JWT_SIGNING_KEY]
    assert len(set(keys)) == 2
    assert all(len(key) >= 43 for key in keys)
