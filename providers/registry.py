"""Which providers are configured, and which of them serves a model.

`settings.LLM_PROVIDERS` maps an alias to backend path, key and address; the backend is imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from providers import catalogue
from providers.base import Provider
from providers.exceptions import (
    AmbiguousModel,
    ConfigurationError,
    MissingKey,
    NoDefaultModel,
    UnknownModel,
    UnsupportedOption,
)
from providers.names import is_usable

SIMULATOR = "simulator"
SIMULATED_MODEL = f"{SIMULATOR}/default"
#: The variable without which a vendor is not configured.
KEY_VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "gemini": "GEMINI_API_KEY"}
SETTINGS = frozenset({"LLM_PROVIDERS", "MODELS_ALLOWED", "DEFAULT_MODEL"})

_instances: dict[str, Provider] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model to ask for; `name` is `provider/model`, or `provider/*` where any name may follow."""

    name: str
    provider: str


def get(alias: str) -> Provider:
    """The provider of that alias, one instance a process. Raises ConfigurationError."""
    with _lock:
        if alias not in _instances:
            configured = _configured(alias)
            _instances[alias] = _backend(alias)(
                alias, api_key=configured.get("api_key", ""), base_url=configured.get("base_url", "")
            )
        return _instances[alias]


def resolve(model: str) -> tuple[str, str]:
    """The provider's alias and the vendor's own name for a model as a request names it.

    `provider/model` goes to that provider unless `MODELS_ALLOWED` leaves it out. A bare name is looked up
    among what the configured providers are known to have. Raises UnknownModel, MissingKey, AmbiguousModel.
    """
    alias, _, name = model.partition("/")
    if alias in settings.LLM_PROVIDERS:
        if is_usable(alias, name) and _is_allowed(alias, name):
            return alias, name
        raise UnknownModel(model, _available_names())
    if alias in KEY_VARIABLES:
        raise MissingKey(model, KEY_VARIABLES[alias], _available_names())
    return _resolve_bare(model)


def _resolve_bare(name: str) -> tuple[str, str]:
    aliases = [alias for alias in settings.LLM_PROVIDERS if _knows(alias, name)]
    if len(aliases) > 1:
        raise AmbiguousModel(name, [f"{alias}/{name}" for alias in aliases])
    if not aliases:
        raise UnknownModel(name, _available_names())
    return aliases[0], name


def default_model() -> str:
    """The full name of the model for requests that name none.

    `DEFAULT_MODEL`; without it the simulator, but only while no real provider is configured: a simulated
    answer must not stand in for a real one unnoticed. Raises UnknownModel, NoDefaultModel.
    """
    if settings.DEFAULT_MODEL:
        return "/".join(resolve(settings.DEFAULT_MODEL))
    if set(settings.LLM_PROVIDERS) == {SIMULATOR} and _is_allowed(SIMULATOR, "default"):
        return SIMULATED_MODEL
    raise NoDefaultModel(_available_names())


def available_models() -> list[ModelInfo]:
    """What can be asked for, provider by provider, the simulator last."""
    return list(_available())


def check_options(alias: str, parameters: Mapping[str, Any]) -> None:
    """Raise UnsupportedOption naming what in valid `parameters` this provider's vendor lacks."""
    if lacking := _backend(alias).unsupported(parameters):
        raise UnsupportedOption(alias, lacking)


def enforces_schemas(model: str) -> bool:
    """Whether a full `provider/model` can be held to a JSON Schema. Raises ConfigurationError."""
    alias, _, name = model.partition("/")
    return _backend(alias).enforces_schemas(name)


def load_adapters() -> None:
    """Import the adapters of the configured providers, without the vendors' SDKs."""
    for alias in settings.LLM_PROVIDERS:
        _backend(alias)


def warm_up() -> None:
    """Import what the configured providers need: seconds that would else block the loop of the first call."""
    for alias in settings.LLM_PROVIDERS:
        get(alias).warm_up()


async def close_all() -> None:
    """Close every provider's connections; called by the loop that used them, before it ends."""
    with _lock:
        providers = list(_instances.values())
        _instances.clear()
    for provider in providers:
        await provider.close()


def reset() -> None:
    """Forget instances and lists, as after a change of settings. Closes nothing."""
    with _lock:
        _instances.clear()
    _available.cache_clear()


def _reset_on_change(*, setting: str, **kwargs: Any) -> None:
    if setting in SETTINGS:
        reset()


setting_changed.connect(_reset_on_change, dispatch_uid="providers.registry")


def _configured(alias: str) -> Mapping[str, str]:
    providers: Mapping[str, Mapping[str, str]] = settings.LLM_PROVIDERS
    if alias not in providers:
        raise ConfigurationError(f"No provider {alias!r} is configured.")
    return providers[alias]


def _backend(alias: str) -> type[Provider]:
    backend: type[Provider] = import_string(_configured(alias)["backend"])
    return backend


def _allowed_by_alias(alias: str) -> list[str]:
    """What `MODELS_ALLOWED` says of this provider, without its alias."""
    entries = (entry.partition("/") for entry in settings.MODELS_ALLOWED)
    return [name for owner, _, name in entries if owner == alias]


def _is_allowed(alias: str, name: str) -> bool:
    return not settings.MODELS_ALLOWED or not {name, "*"}.isdisjoint(_allowed_by_alias(alias))


def _knows(alias: str, name: str) -> bool:
    if alias == SIMULATOR or not is_usable(alias, name) or not _is_allowed(alias, name):
        return False
    return name in _allowed_by_alias(alias) or catalogue.knows(_backend(alias).price_provider, name)


@cache
def _available() -> tuple[ModelInfo, ...]:
    aliases = sorted(settings.LLM_PROVIDERS, key=lambda alias: alias == SIMULATOR)
    return tuple(ModelInfo(f"{alias}/{name}", alias) for alias in aliases for name in _offered(alias))


def _available_names() -> list[str]:
    return [model.name for model in _available()]


def _offered(alias: str) -> list[str]:
    if settings.MODELS_ALLOWED and "*" not in (allowed := _allowed_by_alias(alias)):
        return allowed
    if alias == SIMULATOR:
        return ["default"]
    return list(catalogue.models(_backend(alias).price_provider)) or ["*"]
