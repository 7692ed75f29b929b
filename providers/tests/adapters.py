"""The adapters under test, each with its vendor's words, so that one test speaks of all of them."""

from __future__ import annotations

import asyncio
import uuid
from enum import Enum, auto
from typing import Any, ClassVar

from providers.anthropic import AnthropicProvider
from providers.base import Chunk, Completion, CompletionRequest, Provider
from providers.exceptions import ProviderError
from providers.gemini import GeminiProvider
from providers.openai import OpenAICompatibleProvider, OpenAIProvider
from providers.simulator import SimulatorProvider
from providers.tests.stubs import Call, Reply, VendorStub

CANARY = "sk-canary-4f1d9c2a77e04b51"


class Situation(Enum):
    """What every adapter must get right, whatever its vendor calls it."""

    GOOD = auto()
    LENGTH = auto()
    FILTERED = auto()
    RATE_LIMITED = auto()
    CUT_STREAM = auto()


class Adapter:
    """One adapter against the stub. Every instance asks for a model of its own, so scripts don't mix."""

    name: ClassVar[str]
    backend: ClassVar[type[Provider]]
    length: ClassVar[str]
    filtered: ClassVar[str]
    key_header: ClassVar[str] = "authorization"

    def __init__(self, stub: VendorStub) -> None:
        self.stub = stub
        self.model = f"model-{uuid.uuid4().hex[:12]}"
        self.provider: Provider = self.backend(self.name, api_key=CANARY, base_url=self.base_url)

    @property
    def base_url(self) -> str:
        """Where the stub speaks this adapter's format."""
        return self.stub.openai_url

    def error_body(self, message: str, code: str = "") -> Any:
        """The body of an error answer."""
        return {"error": self.error(message, code)}

    def error(self, message: str, code: str = "") -> dict[str, Any]:
        """The error object within such a body or a stream's error event."""
        raise NotImplementedError

    def play(self, situation: Situation, *, streaming: bool = False) -> Completion | ProviderError:
        """Bring the situation about; returns what came of it, the chunks of a stream in `self.chunks`."""
        return self._outcome(self.reply(situation), streaming=streaming)

    def reply(self, situation: Situation) -> Reply:
        """The vendor's reply that makes the situation."""
        if situation is Situation.RATE_LIMITED:
            return Reply(status=429, headers={"retry-after": "7"}, body=self.error_body("Slow down."))
        finish = {Situation.LENGTH: self.length, Situation.FILTERED: self.filtered}.get(situation, "")
        return Reply(finish=finish, cut_after=2 if situation is Situation.CUT_STREAM else None)

    def _outcome(self, reply: Reply, *, streaming: bool, **fields: Any) -> Completion | ProviderError:
        self.chunks: list[str] = []
        try:
            if not streaming:
                return self.complete(reply, **fields)
            *chunks, last = self.stream(reply, **fields)
        except ProviderError as err:
            return err
        assert isinstance(last, Completion)
        assert all(isinstance(chunk, Chunk) for chunk in chunks)
        return last

    def request(self, **fields: Any) -> CompletionRequest:
        """A request for this adapter's model."""
        defaults: dict[str, Any] = {"model": self.model, "prompt": "Say hello.", "timeout": 10.0}
        return CompletionRequest(**defaults | fields)

    def complete(self, *replies: Reply, **fields: Any) -> Completion:
        """The completion that these replies lead to."""
        self.stub.script(self.model, replies)

        async def run() -> Completion:
            try:
                return await self.provider.complete(self.request(**fields))
            finally:
                await self.provider.close()

        return asyncio.run(run())

    def stream(self, *replies: Reply, **fields: Any) -> list[Chunk | Completion]:
        """All items of the stream that these replies lead to."""
        self.stub.script(self.model, replies)

        async def run() -> list[Chunk | Completion]:
            items: list[Chunk | Completion] = []
            self.chunks = []
            try:
                async for item in self.provider.stream(self.request(**fields)):
                    items.append(item)
                    if isinstance(item, Chunk):
                        self.chunks.append(item.text)
                return items
            finally:
                await self.provider.close()

        return asyncio.run(run())

    def failure(self, *replies: Reply, streaming: bool = False, **fields: Any) -> ProviderError:
        """The error that these replies lead to."""
        try:
            answer = (self.stream if streaming else self.complete)(*replies, **fields)
        except ProviderError as err:
            return err
        raise AssertionError(f"no error came, but {answer}")

    @property
    def calls(self) -> list[Call]:
        """What the vendor saw of this adapter."""
        return self.stub.calls_of(self.model)


class OpenAI(Adapter):
    """api.openai.com."""

    name, backend, length, filtered = "openai", OpenAIProvider, "length", "content_filter"

    def error(self, message: str, code: str = "") -> dict[str, Any]:
        """https://platform.openai.com/docs/guides/error-codes"""
        return {"message": message, "type": "server_error", "param": None, "code": code or None}


class Compatible(OpenAI):
    """A named endpoint."""

    name, backend = "vllm", OpenAICompatibleProvider


class Anthropic(Adapter):
    """api.anthropic.com."""

    name, backend, length, filtered = "anthropic", AnthropicProvider, "max_tokens", "refusal"

    @property
    def base_url(self) -> str:
        """The SDK adds /v1 itself."""
        return self.stub.anthropic_url

    def error_body(self, message: str, code: str = "") -> Any:
        """https://platform.claude.com/docs/en/api/errors"""
        return {"type": "error", "error": self.error(message, code), "request_id": "req_stub_1"}

    def error(self, message: str, code: str = "") -> dict[str, Any]:
        """`code` is the type here."""
        return {"type": code or "api_error", "message": message, "details": None}


class Gemini(Adapter):
    """generativelanguage.googleapis.com."""

    name, backend, length, filtered = "gemini", GeminiProvider, "MAX_TOKENS", "SAFETY"
    key_header = "x-goog-api-key"

    @property
    def base_url(self) -> str:
        """The SDK adds /v1beta itself."""
        return self.stub.gemini_url

    def error(self, message: str, code: str = "") -> dict[str, Any]:
        """https://cloud.google.com/apis/design/errors"""
        return {"code": 503, "message": message, "status": code or "UNAVAILABLE"}


class Simulator(Adapter):
    """No vendor: the situations come from `parameters.simulate`."""

    name, backend = "simulator", SimulatorProvider

    def play(self, situation: Situation, *, streaming: bool = False) -> Completion | ProviderError:
        """See Adapter.play."""
        simulate: dict[Situation, dict[str, Any]] = {
            Situation.GOOD: {},
            Situation.LENGTH: {"finish_reason": "length"},
            Situation.FILTERED: {"error": "content_filter"},
            Situation.RATE_LIMITED: {"error": "rate_limited", "retry_after": 7, "status_code": 429},
            Situation.CUT_STREAM: {"cut_stream": True},
        }
        parameters = {"stream": streaming, "simulate": simulate[situation]}
        return self._outcome(Reply(), streaming=streaming, parameters=parameters)


ADAPTERS: list[type[Adapter]] = [OpenAI, Compatible, Anthropic, Gemini]
