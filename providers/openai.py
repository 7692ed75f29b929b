"""OpenAI chat completions, at OpenAI and at any server that speaks the same protocol.

Calls go through the SDK's `post`: the typed `create` above it takes as long again as all the rest of a call, and an
answer's shape is checked here in any case.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

import httpx2

from providers.base import Chunk, Completion, CompletionRequest
from providers.exceptions import ErrorClass, ProviderError
from providers.openai_answers import Gathered, class_of_error, completion_of
from providers.options import REASONING_EFFORTS, renamed, stop_sequences
from providers.schemas import portable
from providers.sdk import Item, SDKProvider, connection_error
from providers.shapes import expect_event_stream, json_of
from providers.text import storable
from providers.transport import RequestHook, call_timeout, http_client, retry_after, stream_timeout

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai._types import RequestOptions

OPENAI_URL = "https://api.openai.com/v1"
PATH = "/chat/completions"
SAME_NAMES = ("temperature", "top_p", "seed", "presence_penalty", "frequency_penalty", "reasoning_effort")
#: What a named endpoint gets to see.
ENDPOINT_HEADERS = frozenset(
    {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
        "content-type",
        "content-length",
        "transfer-encoding",
    }
)


class OpenAIProvider(SDKProvider["AsyncOpenAI"]):
    """api.openai.com, or what `OPENAI_BASE_URL` names in its place."""

    supported_options = frozenset({*SAME_NAMES, "system", "max_tokens", "stop", "json_schema", "stream"})
    reasoning_efforts = frozenset(REASONING_EFFORTS)
    models_without_schemas = re.compile(
        r"gpt-3\.5|gpt-4(?!o|\.\d)|gpt-4o-2024-05-13|chatgpt-4o|o1-(mini|preview)|.*(-search|-audio)"
    )
    price_provider = "openai"
    sdk = "openai"
    #: OpenAI's name for `max_tokens`: reasoning models refuse the old one.
    max_tokens_name = "max_completion_tokens"

    def _connect(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        return AsyncOpenAI(
            # Without a key the SDK would take OPENAI_API_KEY, which belongs to OpenAI alone.
            api_key=self.api_key or "none",
            base_url=self.base_url or OPENAI_URL,
            max_retries=0,
            http_client=http_client(*self._request_hooks()),
        )

    def _request_hooks(self) -> tuple[RequestHook, ...]:
        return ()

    async def _disconnect(self, client: AsyncOpenAI) -> None:
        await client.close()

    async def _complete(self, client: AsyncOpenAI, request: CompletionRequest) -> Completion:
        options = self._options(request, call_timeout(request.timeout))
        answer = await client.post(self._address(), body=self._body(request), cast_to=httpx2.Response, options=options)
        return completion_of(json_of(answer), request.model, answer.headers.get("x-request-id", ""))

    async def _stream(self, client: AsyncOpenAI, request: CompletionRequest) -> AsyncGenerator[Item, None]:
        from openai import AsyncStream
        from openai.types.chat import ChatCompletionChunk

        answer = await client.post(
            self._address(),
            body={**self._body(request), "stream": True, "stream_options": {"include_usage": True}},
            cast_to=ChatCompletionChunk,
            options=self._options(request, stream_timeout(request.timeout)),
            stream=True,
            stream_cls=AsyncStream[ChatCompletionChunk],
        )
        async with answer:
            expect_event_stream(answer.response)
            gathered = Gathered(request.model, answer.response.headers.get("x-request-id", ""))
            async for event in answer:
                if piece := gathered.add(event):
                    yield Chunk(storable(piece))
        yield gathered.completion()

    def _address(self) -> str:
        """The whole of it: the SDK takes 0.2 ms a call to put a path after its base address."""
        return f"{(self.base_url or OPENAI_URL).rstrip('/')}{PATH}"

    def _body(self, request: CompletionRequest) -> dict[str, Any]:
        options = request.parameters
        names = {name: name for name in SAME_NAMES} | {"max_tokens": self.max_tokens_name}
        body = {"model": request.model, "messages": _messages(request), **renamed(options, names)}
        if (stop := stop_sequences(options)) is not None:
            body["stop"] = stop
        if (answer := _response_format(options.get("json_schema"))) is not None:
            body["response_format"] = answer
        return body

    def _options(self, request: CompletionRequest, timeout: httpx2.Timeout) -> RequestOptions:
        """OpenAI keeps our id beside its own: https://platform.openai.com/docs/api-reference/debugging-requests."""
        headers = {"X-Client-Request-Id": request.request_id} if request.request_id else {}
        return {"headers": headers, "timeout": timeout}

    def _vendor_error(self, err: Exception) -> ProviderError | None:
        import openai

        if isinstance(err, openai.APIConnectionError):
            timed_out = isinstance(err, openai.APITimeoutError)
            return connection_error(err, ErrorClass.TIMEOUT if timed_out else ErrorClass.CONNECTION)
        if isinstance(err, openai.APIStatusError):
            return ProviderError(
                class_of_error(err.code, err.type, err.status_code),
                err.message,
                retry_after=retry_after(err.response.headers),
                status_code=err.status_code,
                request_id=err.request_id or "",
            )
        if isinstance(err, openai.APIError):
            return ProviderError(class_of_error(err.code, err.type), err.message)
        return None


class OpenAICompatibleProvider(OpenAIProvider):
    """A named endpoint of the operator's: vLLM, llama.cpp, Ollama, a gateway. It may need no key."""

    supported_options = OpenAIProvider.supported_options | {"top_k"}
    #: Many such servers refuse schemas or ignore them: they get one only where it is asked for by name.
    models_without_schemas = re.compile("")
    price_provider = ""
    max_tokens_name = "max_tokens"

    def _request_hooks(self) -> tuple[RequestHook, ...]:
        return (self._only_own_credentials,)

    async def _only_own_credentials(self, request: httpx2.Request) -> None:
        """Send this endpoint its own key or none.

        The SDK also sends what it finds in OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS, which
        are meant for OpenAI alone.
        """
        for name in [name for name in request.headers if name not in ENDPOINT_HEADERS]:
            del request.headers[name]
        if self.api_key:
            request.headers["Authorization"] = f"Bearer {self.api_key}"

    def _body(self, request: CompletionRequest) -> dict[str, Any]:
        """`top_k` is unknown to OpenAI, but common among other servers."""
        return super()._body(request) | renamed(request.parameters, {"top_k": "top_k"})


def _messages(request: CompletionRequest) -> list[dict[str, str]]:
    system = request.parameters.get("system")
    before = [{"role": "system", "content": system}] if system else []
    return [*before, {"role": "user", "content": request.prompt}]


def _response_format(schema: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What holds the model to the schema, or tells it where that can't be; None where the root is no object.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    strict = portable(schema) if schema else None
    if strict is None and (schema is None or schema.get("type") != "object"):
        return None
    answer = {"name": "answer", "schema": strict or schema, "strict": strict is not None}
    return {"type": "json_schema", "json_schema": answer}
