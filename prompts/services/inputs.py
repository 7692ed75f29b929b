"""Checks that requests and types share: models, options and the size of JSON."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from prompts.exceptions import InvalidInput
from providers import registry
from providers.exceptions import UnknownModel, UnsupportedOption
from providers.options import validate_options

MAX_JSON_BYTES = 64 * 1024


def resolve_model(model: str, *, field: str = "model") -> tuple[str, str]:
    """The provider's alias and the full `provider/model` name; an empty `model` is the installation's default.

    Raises InvalidInput on `field`.
    """
    try:
        alias, name = registry.resolve(model or registry.default_model())
    except UnknownModel as error:
        raise InvalidInput.on(field, str(error)) from error
    return alias, f"{alias}/{name}"


def check_options(options: dict[str, Any], *, alias: str = "", field: str = "parameters") -> None:
    """Check names, values and size; with `alias` also that this provider has them. Raises InvalidInput on `field`."""
    check_size(options, field=field)
    if problems := [f"{name}: {problem}" for name, problem in validate_options(options).items()]:
        raise InvalidInput(" ".join(problems), errors={field: problems})
    if not alias:
        return
    try:
        registry.check_options(alias, options)
    except UnsupportedOption as error:
        raise InvalidInput.on(field, str(error)) from error


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no lone surrogates."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def check_size(value: dict[str, Any], *, field: str) -> None:
    """Raise InvalidInput on `field` for JSON over 64 kB."""
    # As UTF-8: escaped, a text in Thai or Arabic would count twice.
    if len(json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")) > MAX_JSON_BYTES:
        raise InvalidInput.on(field, _("This must not be longer than 64 kB."))
