"""Which chat models a vendor is known to have, by the price list of genai-prices."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

#: The list also prices what is no chat model, or what another door of the vendor's serves.
NOT_CHAT = re.compile(
    r"embedding|tts|audio|realtime|live|transcribe|whisper|image|omni|nano-banana|moderation|instruct|^ft:|\.ft-"
    r"|davinci|curie|babbage|^ada$|computer-use|robotics|vision|:extended|deep-research|^gpt-3\.5-0301$"
)
FAMILIES = {
    "openai": ("gpt-", "o1", "o3", "o4", "chatgpt-"),
    "anthropic": ("claude-",),
    "google": ("gemini-", "gemma-"),
}


@cache
def models(vendor: str) -> tuple[str, ...]:
    """The vendor's chat models that are not marked as deprecated, sorted; empty for an unknown vendor."""
    return tuple(sorted(model.id for model in _chat_models(vendor) if not model.deprecated))


def knows(vendor: str, name: str) -> bool:
    """Whether the name, dated variants and deprecated models included, is one of the vendor's chat models."""
    listed = _listed(vendor)
    found = listed.find_model(name) if listed else None
    return found is not None and _is_chat(vendor, found)


@cache
def _listed(vendor: str) -> Provider | None:
    # The list takes 20 MB and 0.2 s: only for those who ask.
    from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

    return find_provider_by_id(get_snapshot().providers, vendor) if vendor else None


@cache
def _chat_models(vendor: str) -> tuple[ModelInfo, ...]:
    listed = _listed(vendor)
    return tuple(model for model in listed.models if _is_chat(vendor, model)) if listed else ()


def _is_chat(vendor: str, model: ModelInfo) -> bool:
    return model.id.startswith(FAMILIES.get(vendor, ())) and not NOT_CHAT.search(model.id)
