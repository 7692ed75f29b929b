"""Anthropic Messages, API version 2026-10-21 (it knows no temperature, top_p or top_k).

https://platform.claude.com/docs/en/api/messages and https://platform.claude.com/docs/en/api/errors
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

import httpx2

from providers.anthropic_answers import Gathered, class_of_error, completion_of
from providers.anthropic_schemas import enforceable
from providers.base import Chunk, Completion, CompletionRequest
from providers.exceptions import ErrorClass, ProviderError
from providers.options import stop_sequences
from providers.sdk import Item, SDKProvider, connection_error
from providers.shapes import expect_event_stream, json_of
from providers.text import storable
from providers.transport import call_timeout, http_client, retry_after, stream_timeout

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

ANTHROPIC_URL = "https://api.anthropic.com"
PATH = "/v1/messages"
#: Anthropic wants a limit with each call. It bounds thinking and answer together, so it is roomy; every model
#: on offer takes it.
DEFAULT_MAX_TOKENS = 16_000


class AnthropicProvider(SDKProvider["AsyncAnthropic"]):
    """api.anthropic.com, or what `ANTHROPIC_BASE_URL` names in its place."""

    supported_options = frozenset({"system", "max_tokens", "stop", "reasoning_effort", "json_schema", "stream"})
    reasoning_efforts = frozenset({"low", "medium", "high", "xhigh", "max"})
    models_without_schemas = re.compile(r"claude-(\d|instant|v\d|(opus|sonnet)-4(-[01])?(-\d{8})?$)")
    price_provider = "anthropic"
    sdk = "anthropic"

    def _connect(self) -> AsyncAnthropic:
        from anthropic import AsyncAnthropic

        return AsyncAnthropic(
            api_key=self.api_key,
            base_url=self.base_url or ANTHROPIC_URL,
            max_retries=0,
            http_client=http_client(),
        )

    async def _disconnect(self, client: AsyncAnthropic) -> None:
        await client.close()

    async def _complete(self, client: AsyncAnthropic, request: CompletionRequest) -> Completion:
        # The whole of it: the SDK takes 0.2 ms a call to put a path after its base address.
        address = f"{(self.base_url or ANTHROPIC_URL).rstrip('/')}{PATH}"
        timeout = call_timeout(request.timeout)
        answer = await client.post(address, body=_body(request), cast_to=httpx2.Response, options={"timeout": timeout})
        return completion_of(json_of(answer), request.model, answer.headers.get("request-id", ""))

    async def _stream(self, client: AsyncAnthropic, request: CompletionRequest) -> AsyncGenerator[Item, None]:
        answer: Any = await client.messages.create(
            **_body(request), stream=True, timeout=stream_timeout(request.timeout)
        )
        async with answer:
            expect_event_stream(answer.response)
            gathered = Gathered(request.model, answer.response.headers.get("request-id", ""))
            async for event in answer:
                if piece := gathered.add(event):
                    yield Chunk(storable(piece))
        yield gathered.completion()

    def _vendor_error(self, err: Exception) -> ProviderError | None:
        import anthropic

        if isinstance(err, anthropic.APIConnectionError):
            timed_out = isinstance(err, anthropic.APITimeoutError)
            return connection_error(err, ErrorClass.TIMEOUT if timed_out else ErrorClass.CONNECTION)
        if isinstance(err, anthropic.APIStatusError):
            status = err.status_code
            return ProviderError(
                class_of_error(status, err.type, err.error_code),
                err.api_message or err.message,
                retry_after=retry_after(err.response.headers),
                # An error event in a stream comes after the stream's own 200.
                status_code=None if status == 200 else status,
                request_id=err.request_id or "",
            )
        return None


def _body(request: CompletionRequest) -> dict[str, Any]:
    options = request.parameters
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": "user", "content": request.prompt}],
        "max_tokens": options.get("max_tokens", DEFAULT_MAX_TOKENS),
    }
    optional = {
        "system": options.get("system"),
        "stop_sequences": stop_sequences(options),
        "output_config": _output_config(request),
    }
    return body | {name: value for name, value in optional.items() if value}


def _output_config(request: CompletionRequest) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if effort := request.parameters.get("reasoning_effort"):
        config["effort"] = effort
    if schema := enforceable(request.parameters.get("json_schema", {})):
        config["format"] = {"type": "json_schema", "schema": schema}
    return config
