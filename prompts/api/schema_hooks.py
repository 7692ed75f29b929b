"""What the schema says that no view can: what comes next (OpenAPI 3.0, Link Object), and which filters may be empty."""

from __future__ import annotations

from typing import Any

from prompts.api.filters import PAGING

VERSION = {"promptType": "$request.path.promptType", "versionNumber": "$response.body#/data/versionNumber"}
NEXT_OF_VERSION = (
    "get_prompt_version",
    "activate_prompt_version",
    "annotate_prompt_version",
    "try_prompt_version",
    "delete_prompt_version",
)
NEXT_OF_PROMPT = ("get_prompt", "get_prompt_receipt", "cancel_prompt", "replay_prompt")
#: By operation and status: the operations that come next, and where their parameters are.
Links = dict[tuple[str, str], tuple[tuple[str, ...], dict[str, str]]]
LINKS: Links = {
    ("create_prompt_version", "201"): (NEXT_OF_VERSION, VERSION),
    ("create_prompt", "201"): (NEXT_OF_PROMPT, {"id": "$response.body#/id"}),
    ("replay_prompt", "201"): (NEXT_OF_PROMPT, {"id": "$response.body#/id"}),
    ("create_prompt_type", "201"): (("get_prompt_type", "change_prompt_type"), {"slug": "$response.body#/slug"}),
}


def add_links(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Put the links into the schema; a hook of drf-spectacular."""
    return link(result, LINKS)


def link(result: dict[str, Any], links: Links) -> dict[str, Any]:
    """The schema with these links in it."""
    for path in result["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if found := links.get((operation["operationId"], status)):
                    answer["links"] = _links(*found)
    return result


def let_filters_be_empty(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A filter without a value is no filter: forms send them so. A hook of drf-spectacular."""
    for path in result["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()) if operation["operationId"].startswith("list_") else ():
                if parameter["in"] == "query" and parameter["name"] not in PAGING:
                    parameter["allowEmptyValue"] = True
    return result


def _links(operations: tuple[str, ...], parameters: dict[str, str]) -> dict[str, Any]:
    return {name: {"operationId": name, "parameters": parameters} for name in operations}
