"""The one interface that every vendor adapter speaks (see docs/adding-a-provider.md)."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar


class FinishReason(StrEnum):
    """Why the model stopped, in one vocabulary for all vendors."""

    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    TOOL_CALLS = "tool_calls"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One call to a vendor.

    `model` is the vendor's own name (what follows the slash in `provider/model`); `parameters` holds only
    names from `providers.options.OPTIONS`; `timeout` is the seconds that the whole call may take;
    `attempt` counts from 1; `request_id` is our id, passed on where a vendor has a field for it.
    """

    model: str
    prompt: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 600.0
    attempt: int = 1
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as billed. `input_tokens` includes the cached ones and `output_tokens` the reasoning ones.

    None means that the vendor did not say; it is never written as 0.
    """

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cache_write_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished answer. In a stream it is the terminal marker: without one the stream was cut."""

    text: str
    model: str
    finish_reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    provider_request_id: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of text of a running stream."""

    text: str


class Provider(ABC):
    """A vendor account or endpoint. One instance a process; its client lives as long as the instance."""

    #: Names of `providers.options.OPTIONS` that this vendor takes; any other is refused by name.
    supported_options: ClassVar[frozenset[str]] = frozenset()
    #: Values of `reasoning_effort` that this vendor has a level for.
    reasoning_efforts: ClassVar[frozenset[str]] = frozenset()
    #: Names of models that refuse `json_schema`; a version's schema is not sent to them.
    models_without_schemas: ClassVar[re.Pattern[str]] = re.compile(r"(?!)")
    #: The vendor's id in genai-prices; empty where prices make no sense.
    price_provider: ClassVar[str] = ""

    def __init__(self, alias: str, *, api_key: str = "", base_url: str = "") -> None:
        """Keep the endpoint's address and key. Opens no connection."""
        self.alias = alias
        self.api_key = api_key
        self.base_url = base_url

    @classmethod
    def unsupported(cls, parameters: Mapping[str, Any]) -> list[str]:
        """What this vendor has no counterpart for, as `name` or, for a value that it lacks, `name=value`."""
        lacking = sorted(set(parameters) - cls.supported_options)
        effort = parameters.get("reasoning_effort")
        if "reasoning_effort" not in lacking and effort is not None and effort not in cls.reasoning_efforts:
            lacking.append(f"reasoning_effort={effort}")
        return lacking

    @classmethod
    def enforces_schemas(cls, model: str) -> bool:
        """Whether this model, by the vendor's name, can be held to a JSON Schema that nobody asked for by name."""
        return "json_schema" in cls.supported_options and not cls.models_without_schemas.match(model)

    def warm_up(self) -> None:  # noqa: B027
        """Do what would make the first call slow, importing above all. Blocks; opens no connection."""

    @abstractmethod
    async def complete(self, request: CompletionRequest) -> Completion:
        """Answer in one piece.

        Raises ProviderError for whatever the vendor or the network does, ConfigurationError for what the
        operator has to mend.
        """

    @abstractmethod
    def stream(self, request: CompletionRequest) -> AsyncIterator[Chunk | Completion]:
        """Yield Chunks and, last, exactly one Completion with the whole text. Raises as `complete` does."""

    @abstractmethod
    async def close(self) -> None:
        """Close the client's connections. The instance is not used afterwards."""
