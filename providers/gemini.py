"""Google's Gemini API through google-genai.

https://ai.google.dev/api/generate-content and https://ai.google.dev/gemini-api/docs/troubleshooting
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from providers.base import Chunk, Completion, CompletionRequest
from providers.errors import UnexpectedShape
from providers.exceptions import ProviderError
from providers.gemini_answers import Gathered, class_of_error, details_of, retry_delay
from providers.options import renamed, stop_sequences
from providers.schemas import portable
from providers.sdk import Item, SDKProvider
from providers.text import storable
from providers.transport import http_client, retry_after, ssl_context

if TYPE_CHECKING:
    import httpx2
    from google.genai import Client
    from google.genai.types import GenerateContentConfig, HttpOptions

GEMINI_URL = "https://generativelanguage.googleapis.com"
#: The SDK's own choice, v1, lacks preview models and the `-latest` names.
API_VERSION = "v1beta"

THEIR_NAMES = {
    "system": "system_instruction",
    "max_tokens": "max_output_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}


@dataclass(frozen=True, slots=True)
class GeminiClient:
    """The SDK's client, which must stay referenced while in use, and the HTTP client that only we close."""

    sdk: Client
    http: httpx2.AsyncClient


class GeminiProvider(SDKProvider[GeminiClient]):
    """generativelanguage.googleapis.com, or what `GOOGLE_GEMINI_BASE_URL` names in its place."""

    supported_options = frozenset({*THEIR_NAMES, "stop", "reasoning_effort", "json_schema", "stream"})
    reasoning_efforts = frozenset({"minimal", "low", "medium", "high", "xhigh"})
    models_without_schemas = re.compile(r"gemma|gemini-1")
    price_provider = "google"
    sdk = "google.genai"

    def _connect(self) -> GeminiClient:
        from google import genai
        from google.genai.types import HttpOptions, HttpRetryOptions

        http = http_client(_cap_connect_timeout)
        options = HttpOptions(
            base_url=self.base_url or GEMINI_URL,
            api_version=API_VERSION,
            httpx_async_client=http,
            # For the SDK's other clients, which stay unused.
            client_args={"verify": ssl_context()},
            retry_options=HttpRetryOptions(attempts=1),
        )
        # Without `vertexai=False` GOOGLE_GENAI_USE_VERTEXAI would send the calls to another product.
        return GeminiClient(genai.Client(api_key=self.api_key, vertexai=False, http_options=options), http)

    async def _disconnect(self, client: GeminiClient) -> None:
        await client.sdk.aio.aclose()
        client.sdk.close()
        await client.http.aclose()

    async def _complete(self, client: GeminiClient, request: CompletionRequest) -> Completion:
        answer = await client.sdk.aio.models.generate_content(
            model=request.model, contents=request.prompt, config=_config(request, request.timeout)
        )
        gathered = Gathered(request.model)
        gathered.add(answer)
        if not gathered.finished:
            raise UnexpectedShape("The answer has no finished candidate.")
        return gathered.completion()

    async def _stream(self, client: GeminiClient, request: CompletionRequest) -> AsyncGenerator[Item, None]:
        silence = min(settings.LLM_CHUNK_TIMEOUT, request.timeout)
        answers: Any = await client.sdk.aio.models.generate_content_stream(
            model=request.model, contents=request.prompt, config=_config(request, silence)
        )
        gathered = Gathered(request.model)
        async with aclosing(answers):
            async for answer in answers:
                if piece := gathered.add(answer):
                    yield Chunk(storable(piece))
        yield gathered.completion()

    def _vendor_error(self, err: Exception) -> ProviderError | None:
        from google.genai import errors

        if not isinstance(err, errors.APIError):
            return None
        details = details_of(err.details)
        headers = getattr(err.response, "headers", None) or {}
        return ProviderError(
            class_of_error(err.code, err.message or "", details),
            err.message or str(err),
            retry_after=retry_delay(details) or retry_after(headers),
            status_code=err.code,
        )


def _config(request: CompletionRequest, silence: float) -> GenerateContentConfig:
    from google.genai.types import AutomaticFunctionCallingConfig, GenerateContentConfig

    config = GenerateContentConfig(
        http_options=_http_options(request, silence),
        # The SDK would make further calls by itself, which nobody would have recorded.
        automatic_function_calling=AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
        stop_sequences=stop_sequences(request.parameters),
        **renamed(request.parameters, THEIR_NAMES),
        **_thinking(request),
    )
    if schema := portable(request.parameters.get("json_schema", {})):
        config.response_mime_type = "application/json"
        config.response_json_schema = schema
    return config


def _thinking(request: CompletionRequest) -> dict[str, Any]:
    from google.genai.types import ThinkingConfig, ThinkingLevel

    effort = request.parameters.get("reasoning_effort")
    return {"thinking_config": ThinkingConfig(thinking_level=ThinkingLevel(effort.upper()))} if effort else {}


def _http_options(request: CompletionRequest, silence: float) -> HttpOptions:
    """Timeouts of one call: `silence` is the longest wait for the next bytes, in seconds.

    The SDK's unit is milliseconds, and it would tell the server to give up after `silence` too.
    """
    from google.genai.types import HttpOptions, HttpRetryOptions

    return HttpOptions(
        timeout=max(1, int(silence * 1000)),
        headers={"X-Server-Timeout": str(math.ceil(request.timeout))},
        retry_options=HttpRetryOptions(attempts=1),
    )


async def _cap_connect_timeout(request: httpx2.Request) -> None:
    """The SDK knows one timeout for everything; connecting gets its own, shorter one."""
    timeout = request.extensions.get("timeout", {})
    limit = settings.LLM_CONNECT_TIMEOUT
    request.extensions["timeout"] = {**timeout, "connect": min(timeout.get("connect") or limit, limit)}
