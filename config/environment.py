"""Reading the environment: every wrong value stops the start with a sentence that says what to write."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ENDPOINT_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
VENDOR_NAMES = frozenset({"openai", "anthropic", "gemini", "simulator"})
# The lines that `read_env` understands; it passes over any other with a warning that shows the whole line.
ENV_LINE = re.compile(r"(#.*|\s*|(export )?\w+=.*)", re.ASCII)


class Environment(environ.Env):  # type: ignore[misc]
    """`environ.Env` whose complaints name the variable, the value and what is expected.

    A variable that is set to nothing counts as not set.
    """

    def get_value(self, var: str, cast: Any = None, default: Any = "", parse_default: bool = False) -> Any:
        """The text as it stands.

        The base class would take one that begins with `$`, as a password may, for a reference.
        """
        return self.ENVIRON.get(var) or default

    def integer(self, name: str, default: int, *, minimum: int = 0, maximum: int = 999_999_999) -> int:
        """A whole number from `minimum` to `maximum`. Raises ImproperlyConfigured."""
        text = self.str(name, str(default)).strip() or str(default)
        if not re.fullmatch(r"\d{1,9}", text) or not minimum <= int(text) <= maximum:
            raise ImproperlyConfigured(
                f"{name}={text!r} is not usable. Write a whole number from {minimum} to {maximum}, "
                f"for example {name}={default}."
            )
        return int(text)

    def seconds(self, name: str, default: float) -> float:
        """A positive duration in seconds. Raises ImproperlyConfigured."""
        text = self.str(name, str(default)).strip() or str(default)
        if not re.fullmatch(r"\d{1,7}(\.\d+)?", text) or float(text) <= 0:
            raise ImproperlyConfigured(
                f"{name}={text!r} is not usable. Write a number of seconds above 0, for example {name}={default:g}."
            )
        return float(text)

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no. Raises ImproperlyConfigured."""
        text = self.str(name, "").strip().lower()
        if text == "":
            return default
        if text in {"1", "true", "yes", "on"}:
            return True
        if text in {"0", "false", "no", "off"}:
            return False
        raise ImproperlyConfigured(f"{name}={text!r} is not usable. Write {name}=1 or {name}=0.")

    def choice(self, name: str, default: str, allowed: Collection[str]) -> str:
        """One of `allowed`, which are upper-case. Raises ImproperlyConfigured."""
        text: str = self.str(name, default).strip().upper()
        if text not in allowed:
            raise ImproperlyConfigured(f"{name}={text!r} is not usable. Write one of {', '.join(allowed)}.")
        return text

    def words(self, name: str, default: list[str], *, form: str = r"\S+", example: str = "") -> list[str]:
        """A comma-separated list without empty entries; each matches `form`. Raises ImproperlyConfigured."""
        words = [word.strip() for word in self.str(name, "").split(",") if word.strip()]
        for word in words:
            if not re.fullmatch(form, word):
                raise ImproperlyConfigured(
                    f"{name} has an entry that can't be used ({word!r}). Write {name}={example}, "
                    "several of them separated by commas."
                )
        return words or default

    def url(self, name: str, schemes: set[str]) -> str:
        """An address with one of `schemes`, or "" when it isn't set. Raises ImproperlyConfigured.

        The complaint doesn't show the address, which may hold a password.
        """
        text: str = self.str(name, "").strip()
        if text and not _is_address(text, schemes):
            allowed = " or ".join(f"{scheme}://…" for scheme in sorted(schemes))
            raise ImproperlyConfigured(
                f"{name} is not an address that can be used. Write {name}={allowed}, "
                "with special characters of a password percent-encoded, or leave it out."
            )
        return text

    def endpoints(self, name: str) -> dict[str, dict[str, str]]:
        """Named OpenAI-compatible servers from `name=url,name=url`; keys from LLM_ENDPOINT_<NAME>_API_KEY.

        Raises ImproperlyConfigured.
        """
        return {alias: self._endpoint(name, alias, url) for alias, url in map(_split_endpoint, self.words(name, []))}

    def _endpoint(self, variable: str, alias: str, url: str) -> dict[str, str]:
        if not ENDPOINT_NAME.fullmatch(alias) or alias in VENDOR_NAMES or not _is_address(url, {"http", "https"}):
            raise ImproperlyConfigured(
                f"{variable} has an entry that can't be used ({alias!r}). "
                f"Write {variable}=ollama=http://localhost:11434/v1 with a lower-case name that is no "
                "vendor's, several of them separated by commas."
            )
        key_name = f"LLM_ENDPOINT_{alias.upper().replace('-', '_')}_API_KEY"
        return {
            "backend": "providers.openai.OpenAICompatibleProvider",
            "api_key": self.str(key_name, ""),
            "base_url": url,
        }


def _is_address(text: str, schemes: Collection[str]) -> bool:
    """Whether the parts can be told apart; several hosts in one address are left to PostgreSQL's driver."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and ("," in parts.netloc or parts.port != 0)
    except ValueError:
        return False


def _split_endpoint(entry: str) -> tuple[str, str]:
    alias, _, url = entry.partition("=")
    return alias.strip(), url.strip()


def load(base_dir: Path) -> Environment:
    """The process environment, completed by `.env` in `base_dir` (which never overrides a set variable).

    Raises ImproperlyConfigured for a line that is neither `NAME=value` nor a comment.
    """
    env = Environment()
    env_file = Path(env.str("ENV_FILE", str(base_dir / ".env")))
    if env_file.is_file():
        _refuse_unreadable_lines(env_file)
        env.read_env(env_file)
    return env


def _refuse_unreadable_lines(env_file: Path) -> None:
    for number, line in enumerate(env_file.read_text("utf-8").splitlines(), start=1):
        if not ENV_LINE.fullmatch(line):
            raise ImproperlyConfigured(
                f"Line {number} of {env_file} can't be read. "
                "Write NAME=value without spaces around the sign, or # and a comment."
            )


def llm_providers(env: Environment) -> dict[str, dict[str, str]]:
    """Every provider that the environment configures, by alias: backend, key and base URL."""
    vendors = {
        "openai": ("providers.openai.OpenAIProvider", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        "anthropic": ("providers.anthropic.AnthropicProvider", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
        "gemini": ("providers.gemini.GeminiProvider", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"),
    }
    providers = {
        alias: {"backend": backend, "api_key": env.str(key, ""), "base_url": env.url(base, {"http", "https"})}
        for alias, (backend, key, base) in vendors.items()
        if env.str(key, "")
    }
    providers |= env.endpoints("LLM_ENDPOINTS")
    if env.flag("SIMULATOR_ENABLED", True):
        providers["simulator"] = {
            "backend": "providers.simulator.SimulatorProvider",
            "api_key": "",
            "base_url": "",
        }
    return providers
