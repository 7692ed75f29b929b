"""What settings.py makes of the environment."""

from __future__ import annotations

import base64
import re
import runpy
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = PROJECT / "config" / "settings.py"
FOLDERS = ("config", "documents", "prompts", "providers", "audit")
# Read by the packages of these names.
OTHERS = re.compile(
    r"ROOT_URLCONF$|AXES_|CELERY_|WHITENOISE_|REST_FRAMEWORK$|SIMPLE_JWT$|SPECTACULAR_SETTINGS$|CONTENT_SECURITY_POLICY$"
)
Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Runs settings.py with nothing but the variables given; its names and values."""

    def run(**variables: str) -> dict[str, Any]:
        monkeypatch.setattr(Environment, "ENVIRON", {"ENV_FILE": "/dev/null", "DATA_DIR": str(tmp_path)} | variables)
        return runpy.run_path(str(SETTINGS))

    return run


@pytest.mark.parametrize(("name", "file"), [("SECRET_KEY", "secret-key"), ("JWT_SIGNING_KEY", "jwt-signing-key")])
def test_a_key_that_is_not_given_is_generated_for_its_owner_only(
    load: Load, tmp_path: Path, name: str, file: str
) -> None:
    assert load()[name] == (tmp_path / file).read_text().strip()
    assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600


def test_two_installations_have_different_keys(load: Load, tmp_path: Path) -> None:
    keys = [load(DATA_DIR=str(tmp_path / name))["SECRET_KEY"] for name in ("one", "two")]
    assert keys[0] != keys[1]


def test_sessions_and_tokens_are_signed_with_different_keys(load: Load) -> None:
    values = load()
    assert values["SIMPLE_JWT"]["SIGNING_KEY"] != values["SECRET_KEY"]


@pytest.mark.parametrize("name", ["AUDIT_SIGNING_KEY", "AUDIT_PUBLIC_KEYS"])
@pytest.mark.parametrize("value", ["canary", "AAAA", "é", "A" * 45])
def test_a_key_of_the_audit_log_that_is_none_stops_the_start_and_is_not_shown(
    load: Load, name: str, value: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name} holds no key") as refused:
        load(**{name: value})
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "command"), [("AUDIT_SIGNING_KEY", "openssl rand"), ("AUDIT_PUBLIC_KEYS", "manage.py verify_audit")]
)
def test_whoever_gives_no_key_is_told_where_to_get_one_of_that_kind(load: Load, name: str, command: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=command):
        load(**{name: "abc"})


def test_a_key_of_the_audit_log_can_be_given(load: Load) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    values = load(AUDIT_SIGNING_KEY=key, AUDIT_PUBLIC_KEYS=f"{key}, {key}")
    assert (values["AUDIT_SIGNING_KEY"], values["AUDIT_PUBLIC_KEYS"]) == (key, [key, key])


def test_a_plain_start_is_no_debug_start(load: Load) -> None:
    assert load()["DEBUG"] is False


def test_without_https_nobody_is_redirected_to_it(load: Load) -> None:
    values = load()
    assert (values["SECURE_SSL_REDIRECT"], values["SECURE_HSTS_SECONDS"]) == (False, 0)


@pytest.mark.parametrize("name", ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE"])
def test_with_https_cookies_travel_over_it_only(load: Load, name: str) -> None:
    assert load(HTTPS="1")[name] is True


def test_with_https_browsers_are_told_to_stay_with_it(load: Load) -> None:
    values = load(HTTPS="1")
    assert values["SECURE_SSL_REDIRECT"] is True
    assert values["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_forwarded_headers_are_believed_only_behind_proxies_of_ours(load: Load) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in load()
    assert load(TRUSTED_PROXIES="1")["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_scripts_come_from_this_server_only(load: Load) -> None:
    directives = load()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert directives["default-src"] == ["'self'"]
    assert not {"script-src", "script-src-elem", "script-src-attr"} & set(directives)


def test_new_passwords_are_hashed_with_argon2(load: Load) -> None:
    assert load()["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")


def test_the_api_is_closed_by_default(load: Load) -> None:
    assert load()["REST_FRAMEWORK"]["DEFAULT_PERMISSION_CLASSES"] == ["rest_framework.permissions.IsAuthenticated"]


def test_without_addresses_the_embedded_servers_are_used(load: Load, tmp_path: Path) -> None:
    values = load()
    assert values["DATABASES"]["default"]["HOST"] == str(values["EMBEDDED"].postgres_socket_dir)
    assert values["REDIS_URL"] == f"unix://{values['EMBEDDED'].valkey_socket}"


def test_the_database_is_the_one_of_its_address(load: Load) -> None:
    database = load(DATABASE_URL="postgres://u:p%23@db.example.com:5433/prompts?sslmode=require")["DATABASES"][
        "default"
    ]
    chosen = {name: database[name] for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD")}
    assert chosen == {"HOST": "db.example.com", "PORT": 5433, "NAME": "prompts", "USER": "u", "PASSWORD": "p#"}
    assert database["OPTIONS"]["sslmode"] == "require"


def test_options_of_the_address_do_not_remove_the_time_limits(load: Load) -> None:
    options = load(DATABASE_URL="postgres://u@h/d?sslmode=require")["DATABASES"]["default"]["OPTIONS"]
    assert "idle_in_transaction_session_timeout" in options["options"]
    assert options["connect_timeout"] == 5


@pytest.mark.parametrize(
    ("variables", "broker"),
    [
        ({"REDIS_URL": "redis://h:6379/0"}, "redis://h:6379/0"),
        ({"REDIS_URL": "unix:///run/valkey.sock"}, "redis+socket:///run/valkey.sock"),
        ({"REDIS_URL": "rediss://h:6379/0"}, "rediss://h:6379/0?ssl_cert_reqs=required"),
        (
            {"REDIS_URL": "rediss://:p%40ss@h:6379/0?ssl_ca_certs=/ca.pem"},
            "rediss://:p%40ss@h:6379/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=required",
        ),
        ({"REDIS_URL": "rediss://h:6379/0?ssl_cert_reqs=none"}, "rediss://h:6379/0?ssl_cert_reqs=none"),
        ({"REDIS_URL": "redis://h:6379/0", "CELERY_BROKER_URL": "amqp://h//"}, "amqp://h//"),
        ({"CELERY_BROKER_URL": "rediss://h/0"}, "rediss://h/0?ssl_cert_reqs=required"),
    ],
)
def test_celery_gets_its_broker(load: Load, variables: dict[str, str], broker: str) -> None:
    assert load(**variables)["CELERY_BROKER_URL"] == broker


def test_no_setting_is_left_that_nothing_reads(load: Load) -> None:
    files = [file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py") if "tests" not in file.parts]
    code = "\n".join(file.read_text("utf-8") for file in files if file != SETTINGS)
    code += re.sub(r"^[A-Z_]+(: [^=]+)? =", "", SETTINGS.read_text("utf-8"), flags=re.MULTILINE)
    ours = {name for name in load() if name.isupper() and not hasattr(global_settings, name) and not OTHERS.match(name)}
    assert {name for name in ours if not re.search(rf"\b{name}\b", code)} == set()
