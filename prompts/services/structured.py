"""A version's field schema, enforced where the answer is made."""

from __future__ import annotations

from typing import Any

from prompts.exceptions import InvalidInput
from prompts.services.inputs import check_size
from providers import registry


def with_schema(options: dict[str, Any], schema: dict[str, Any] | None, model: str) -> dict[str, Any]:
    """The checked options, completed by the schema that the model (`provider/model`) can be held to.

    They stay as they are where they name a schema already, where the model takes none, and where both together would
    be longer than parameters may be: a replay sends them again.
    """
    if not schema or "json_schema" in options or not registry.enforces_schemas(model):
        return options
    completed = options | {"json_schema": schema}
    try:
        check_size(completed, field="parameters")
    except InvalidInput:
        return options
    return completed
