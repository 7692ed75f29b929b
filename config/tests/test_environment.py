"""A wrong value stops the start with a sentence that names the variable and says what to write."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from string import ascii_letters, digits

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, llm_providers, load
from config.safety import refuse_late_heartbeat, refuse_long_names, refuse_unusable_default, refuse_weak_secret

PROJECT = Path(__file__).resolve().parents[2]
Set = Callable[..., Environment]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Makes an environment that holds nothing but the variables given."""

    def make(**variables: str) -> Environment:
        monkeypatch.setattr(Environment, "ENVIRON", dict(variables))
        return Environment()

    return make


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", "0x10", "1 000", "9999999999"])
def test_a_wrong_whole_number_is_answered_with_an_example(environment: Set, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^WEB_WORKERS='.*' is not usable\. .* WEB_WORKERS=2\.$"):
        environment(WEB_WORKERS=text).integer("WEB_WORKERS", 2, minimum=1)


@pytest.mark.parametrize("text", ["0", "65536"])
def test_a_number_out_of_range_is_answered_with_the_range(environment: Set, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="Write a whole number from 1 to 65535"):
        environment(PORT=text).integer("PORT", 8000, minimum=1, maximum=65_535)


@pytest.mark.parametrize("text", ["soon", "0", "-5", "1e3", "nan", "inf", "10s"])
def test_a_wrong_duration_is_answered_with_an_example(environment: Set, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"LEASE_SECONDS=.* seconds above 0, for example LEASE_SECONDS=60"):
        environment(LEASE_SECONDS=text).seconds("LEASE_SECONDS", 60)


@pytest.mark.parametrize("text", ["maybe", "2", "nope", "yes please"])
def test_a_flag_that_is_neither_yes_nor_no_is_refused(environment: Set, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Write DEBUG=1 or DEBUG=0\."):
        environment(DEBUG=text).flag("DEBUG", default=False)


@pytest.mark.parametrize(
    ("text", "meaning"), [("1", True), ("YES", True), (" on ", True), ("0", False), ("False", False)]
)
def test_a_flag_may_be_written_in_the_usual_ways(environment: Set, text: str, meaning: bool) -> None:
    assert environment(DEBUG=text).flag("DEBUG", default=not meaning) is meaning


def test_a_word_that_is_none_of_the_choices_is_answered_with_them(environment: Set) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^LOG_LEVEL='LOUD' is not usable\. Write one of DEBUG, INFO\.$"):
        environment(LOG_LEVEL="loud").choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO"))


@pytest.mark.parametrize(
    "text",
    ["mysql://host/db", "host/db", "postgres://u:p@host:port/db", "postgres://u:p#@host/db", "postgres://[::1/db"],
)
def test_an_address_that_cannot_be_used_is_answered_with_the_schemes(environment: Set, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL is not an address .* DATABASE_URL=postgres://…"):
        environment(DATABASE_URL=text).url("DATABASE_URL", {"postgres"})


def test_a_refused_address_does_not_show_its_password(environment: Set) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment(DATABASE_URL="mysql://u:canary@host/db").url("DATABASE_URL", {"postgres"})
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["postgres://u:p%23@host:5433/db", "postgres://u@/db?host=/run/pg", "postgres://a:1,b:2/db"]
)
def test_an_address_that_the_driver_understands_is_taken(environment: Set, text: str) -> None:
    assert environment(DATABASE_URL=text).url("DATABASE_URL", {"postgres"}) == text


def test_a_list_entry_of_the_wrong_form_is_answered_with_an_example(environment: Set) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^MODELS_ALLOWED .*\('gpt'\)\. Write MODELS_ALLOWED=openai/\*"):
        environment(MODELS_ALLOWED="openai/o3, gpt").words("MODELS_ALLOWED", [], form=".+/.+", example="openai/*")


def test_a_list_is_read_without_blanks_and_empty_entries(environment: Set) -> None:
    assert environment(HOSTS=" a , ,b,").words("HOSTS", ["c"]) == ["a", "b"]


@pytest.mark.parametrize("entry", ["http://localhost", "openai=http://localhost", "Big=http://localhost", "a=ftp://x"])
def test_a_wrong_endpoint_is_answered_with_an_example(environment: Set, entry: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^LLM_ENDPOINTS .* LLM_ENDPOINTS=ollama=http://localhost:11434/v1"):
        environment(LLM_ENDPOINTS=entry).endpoints("LLM_ENDPOINTS")


def test_endpoints_get_their_addresses_and_keys(environment: Set) -> None:
    env = environment(LLM_ENDPOINTS="ollama=http://o/v1,my-vllm=http://v/v1", LLM_ENDPOINT_MY_VLLM_API_KEY="k")
    found = {name: (entry["base_url"], entry["api_key"]) for name, entry in env.endpoints("LLM_ENDPOINTS").items()}
    assert found == {"ollama": ("http://o/v1", ""), "my-vllm": ("http://v/v1", "k")}


@pytest.mark.parametrize("key", ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"])
def test_a_key_configures_its_vendor(environment: Set, key: str) -> None:
    providers = llm_providers(environment(**{key: "k", "SIMULATOR_ENABLED": "0"}))
    assert list(providers) == [key.removesuffix("_API_KEY").lower()]


def test_without_any_key_the_simulator_answers(environment: Set) -> None:
    assert list(llm_providers(environment())) == ["simulator"]


def test_a_value_that_begins_with_a_dollar_sign_is_taken_as_it_stands(environment: Set) -> None:
    assert environment(SECRET_KEY="$ecret", ecret="other").str("SECRET_KEY", "") == "$ecret"


def test_a_variable_that_is_set_to_nothing_counts_as_not_set(environment: Set) -> None:
    assert environment(HOST="").str("HOST", "127.0.0.1") == "127.0.0.1"


WEAK = [
    "short",
    "a" * 60,
    "django-insecure-" + "abcdefghij" * 5,
    "0123456789" * 5,
    "0123456789" * 5 + "x",
    "correcthorsebattery1" * 3,
    ascii_letters + digits,
    (ascii_letters + digits)[::-1],
]


@pytest.mark.parametrize("key", WEAK)
def test_a_weak_key_is_refused_by_name_and_never_shown(key: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is too weak\. Leave it out") as refusal:
        refuse_weak_secret("SECRET_KEY", key)
    assert key not in str(refusal.value)


@pytest.mark.parametrize("alphabet", ["0123456789abcdef", ascii_letters + digits + "-_"])
def test_random_keys_of_any_alphabet_are_taken(alphabet: str) -> None:
    draw = random.Random(1).choice
    for length in [50] * 500 + [64] * 100 + [2000]:
        refuse_weak_secret("SECRET_KEY", "".join(draw(alphabet) for _ in range(length)))


@pytest.mark.parametrize(
    "model", ["openai/gpt-5", "gpt-5", "simulator/", "/default", "ollama/a b", "ollama/" + "x" * 200]
)
def test_a_default_model_of_no_configured_provider_is_refused(model: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"DEFAULT_MODEL=.* Write provider/model .*: ollama/…, simulator/…"):
        refuse_unusable_default(model, ["simulator", "ollama"], [])


@pytest.mark.parametrize("model", ["", "simulator/default", "ollama/meta/llama-3"])
def test_a_default_model_of_a_configured_provider_is_taken(model: str) -> None:
    refuse_unusable_default(model, ["simulator", "ollama"], [])


def test_a_default_model_that_may_not_be_used_is_refused() -> None:
    with pytest.raises(
        ImproperlyConfigured, match=r"'ollama/b' is not among MODELS_ALLOWED\. .*: ollama/a, openai/\*\."
    ):
        refuse_unusable_default("ollama/b", ["ollama", "openai"], ["ollama/a", "openai/*"])


@pytest.mark.parametrize("model", ["", "ollama/a", "openai/anything"])
def test_a_default_model_that_may_be_used_is_taken(model: str) -> None:
    refuse_unusable_default(model, ["ollama", "openai"], ["ollama/a", "openai/*"])


def test_an_allowed_model_whose_name_no_row_has_room_for_is_refused() -> None:
    refuse_long_names("MODELS_ALLOWED", ["openai/" + "x" * 193])
    with pytest.raises(ImproperlyConfigured, match=r"^MODELS_ALLOWED has an entry that is too long \('openai/x+'…\)\."):
        refuse_long_names("MODELS_ALLOWED", ["openai/o3", "openai/" + "x" * 194])


def test_a_heartbeat_that_comes_after_the_lease_has_run_out_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"HEARTBEAT_SECONDS=10 comes too late for LEASE_SECONDS=15\."):
        refuse_late_heartbeat(10, 15)


def test_a_line_of_the_env_file_that_cannot_be_read_is_named_by_number_and_not_shown(
    environment: Set, tmp_path: Path
) -> None:
    environment()
    (tmp_path / ".env").write_text("# Ours\nexport PORT=8001\n\nSECRET_KEY = canary\n")
    with pytest.raises(ImproperlyConfigured, match=r"^Line 4 of .*\.env can't be read\. Write NAME=value") as refusal:
        load(tmp_path)
    assert "canary" not in str(refusal.value)


def test_the_environment_has_precedence_over_the_env_file(environment: Set, tmp_path: Path) -> None:
    environment(PORT="1234")
    (tmp_path / ".env").write_text("PORT=8001\nWEB_WORKERS=3\n")
    env = load(tmp_path)
    assert (env.integer("PORT", 8000), env.integer("WEB_WORKERS", 2)) == (1234, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("DATABASE_URL", "mysql://host/db"),
        ("SECRET_KEY", "canary"),
        ("LOG_LEVEL", "loud"),
        ("ALLOWED_HOSTS", "https://prompts.example.com"),
        ("DATA_DIR", "/dev/null"),
    ],
)
def test_a_command_with_a_wrong_value_ends_with_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    environment = dict(os.environ, DATA_DIR=str(tmp_path)) | {name: value}
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert (result.stdout, result.stderr.count("\n")) == ("", 1), result.stderr
    assert f"{name}=" in result.stderr or result.stderr.startswith(name)
