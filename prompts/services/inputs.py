"""Checks that requests and types share: models, options and the size of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from prompts import field_schemas, rendering
from prompts.exceptions import InvalidInput
from prompts.models.prompt_request import MAX_PROMPT_BYTES
from prompts.rendering import Placeholder, TemplateError
from providers import registry
from providers.exceptions import UnknownModel, UnsupportedOption
from providers.options import validate_options

MAX_JSON_BYTES = 64 * 1024
#: A body may hold a million unknown names; the answer need not repeat them all.
MOST_NAMED = 20


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


def in_braces(names: Iterable[str]) -> str:
    """Placeholders as they are written in a template, separated by commas."""
    return ", ".join(f"{{{{{name}}}}}" for name in names)


def check_template(template: str) -> list[str]:
    """The names of its placeholders. Raises InvalidInput on `template`, with the position of what is wrong."""
    try:
        return rendering.placeholders(template)
    except TemplateError as error:
        raise InvalidInput.on(
            "template",
            _(
                "Line %(line)d, column %(column)d: “%(text)s” is no placeholder. Between double braces stands a "
                "name of lower-case letters, digits and underscores, such as {{input}}."
            )
            % {"line": error.line, "column": error.column, "text": error.text},
        ) from error


def render_strictly(template: str, variables: dict[str, str]) -> str:
    """The text of a template that was checked, with exactly its placeholders given.

    Raises InvalidInput on `variables` that names the missing, the unknown, and those that hold no text.
    """
    names = dict.fromkeys(rendering.placeholders(template))
    wrong = [_("%(name)s is missing.") % {"name": name} for name in names if name not in variables]
    wrong += [
        _("The template has no placeholder %(name)s.") % {"name": in_braces([name[:64]])}
        for name in variables
        if name not in names
    ]
    wrong += [
        _("%(name)s must be a text.") % {"name": name}
        for name, value in variables.items()
        if name in names and not isinstance(value, str)
    ]
    if wrong:
        raise InvalidInput(" ".join(wrong[:MOST_NAMED]), errors={"variables": wrong[:MOST_NAMED]})
    # Before it is made: a template that names one value a thousand times makes gigabytes of a megabyte.
    if rendered_length(template, variables) > MAX_PROMPT_BYTES:
        raise InvalidInput.on("variables", _("With these values the text would be longer than 1 MB."))
    return rendering.render(template, variables)


def rendered_length(template: str, variables: dict[str, str]) -> int:
    """How many bytes of UTF-8 the template with these values would have."""
    lengths = {name: len(value.encode(errors="surrogatepass")) for name, value in variables.items()}
    return sum(
        lengths[piece.name] if isinstance(piece, Placeholder) else len(piece.encode())
        for piece in rendering.parse(template)
    )


def check_schema(schema: dict[str, Any] | None) -> None:
    """Raise InvalidInput on `fieldSchema` for what is no JSON Schema (draft 2020-12) of at most 64 kB."""
    if schema is None:
        return
    check_size(schema, field="fieldSchema")
    if sum(1 for _object in field_schemas.objects(schema)) > field_schemas.MOST_OBJECTS:
        text = _("A field schema holds at most %(limit)d objects.") % {"limit": field_schemas.MOST_OBJECTS}
        raise InvalidInput.on("fieldSchema", text)
    try:
        field_schemas.check(schema)
    except field_schemas.NoSchema as error:
        problem = str(error)[:300]
        raise InvalidInput.on("fieldSchema", _("This is no JSON Schema: %(problem)s") % {"problem": problem}) from error
