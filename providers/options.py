"""The options that a request may carry in `parameters`, one vocabulary for all vendors.

Each adapter says which of them its vendor has (`Provider.supported_options`) and translates the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from providers import simulation
from providers.checks import Check, boolean, choice, integer, number, text

REASONING_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
MAX_STOPS = 16
#: The narrowest range that a vendor has for it (Gemini: int32).
SEED_LIMIT = 2**31 - 1


def validate_options(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Check names, types and ranges; returns the problem of each faulty name, empty when all is well."""
    problems = {name: problem for name, value in parameters.items() if (problem := _problem(name, value))}
    if "simulate" in parameters and "simulate" not in problems and (conflict := simulation.conflict(parameters)):
        problems["simulate"] = conflict
    return problems


def _problem(name: str, value: Any) -> str:
    check = CHECKS.get(name)
    if check is None:
        return _("Unknown option. Known options: %(names)s.") % {"names": ", ".join(sorted(OPTIONS))}
    return check(value)


def _stop(value: Any) -> str:
    stops = [value] if isinstance(value, str) else value
    are_texts = isinstance(stops, list) and all(isinstance(stop, str) and stop for stop in stops)
    if are_texts and 0 < len(stops) <= MAX_STOPS:
        return ""
    return _("Must be a text, or a list of 1 to %(limit)s texts.") % {"limit": MAX_STOPS}


def _json_schema(value: Any) -> str:
    return "" if isinstance(value, dict) and value else _("Must be a JSON Schema object.")


CHECKS: dict[str, Check] = {
    "system": text(1, 1_000_000),
    "max_tokens": integer(1, 1_000_000),
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "top_k": integer(1, 1000),
    "stop": _stop,
    "seed": integer(-SEED_LIMIT, SEED_LIMIT),
    "presence_penalty": number(-2, 2),
    "frequency_penalty": number(-2, 2),
    "reasoning_effort": choice(REASONING_EFFORTS),
    "json_schema": _json_schema,
    "stream": boolean,
    "simulate": simulation.problem,
}

#: Every name that `parameters` may hold.
OPTIONS = frozenset(CHECKS)


def stop_sequences(parameters: Mapping[str, Any]) -> list[str] | None:
    """The `stop` option as the list that vendors take; None when absent."""
    stop = parameters.get("stop")
    return [stop] if isinstance(stop, str) else stop


def renamed(parameters: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The options that are present, under the vendor's names (`names`: ours → theirs)."""
    return {theirs: parameters[ours] for ours, theirs in names.items() if ours in parameters}
