"""What the schema says that no view can: what comes next (OpenAPI 3.0, Link Object)."""

from __future__ import annotations

from typing import Any

from prompts.api.schema_hooks import NEXT_OF_PROMPT, Links, link

ID = {"id": "$response.body#/data/id"}
REQUEST = {"id": "$response.body#/data/requestId"}
NEXT_OF_BATCH = (
    "get_batch",
    "pause_batch",
    "resume_batch",
    "cancel_batch",
    "retry_batch",
    "rerun_batch",
    "list_batch_results",
    "download_batch_csv",
    "download_batch_jsonl",
)
LINKS: Links = {
    ("try_prompt_version", "202"): (NEXT_OF_PROMPT, REQUEST),
    ("try_active_prompt_version", "202"): (NEXT_OF_PROMPT, REQUEST),
    ("upload_document", "201"): (("get_document",), ID),
    ("create_batch", "201"): (NEXT_OF_BATCH, ID),
    ("rerun_batch", "201"): (NEXT_OF_BATCH, ID),
}


def add_links(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Put the links into the schema; a hook of drf-spectacular."""
    return link(result, LINKS)
