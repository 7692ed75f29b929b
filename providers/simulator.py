"""A provider that calls nobody: what answers before any key is set, and what drills are run with.

It behaves as `parameters.simulate` says (providers/simulation.py). Every answer says that it is simulated, in its
text or, where it is the JSON that `json_schema` asks for, by its model alone: its fields are pieces of the prompt.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from providers import simulated_fields
from providers.base import Chunk, Completion, CompletionRequest, FinishReason, Provider, Usage
from providers.errors import truncated
from providers.exceptions import ErrorClass, ProviderError
from providers.options import OPTIONS, REASONING_EFFORTS
from providers.simulation import Script
from providers.text import storable

EXCERPT_WORDS = 20


class SimulatorProvider(Provider):
    """Deterministic answers from model and prompt; no network, no cost."""

    supported_options = OPTIONS
    reasoning_efforts = frozenset(REASONING_EFFORTS)

    async def complete(self, request: CompletionRequest) -> Completion:
        """See Provider.complete."""
        script = Script.of(request.parameters)
        await _wait(script.latency_ms, request.timeout)
        completion = self._completion(request, script)
        _fail(request, script, completion)
        return completion

    async def stream(self, request: CompletionRequest) -> AsyncIterator[Chunk | Completion]:
        """See Provider.stream."""
        script = Script.of(request.parameters)
        await _wait(script.latency_ms, request.timeout)
        completion = self._completion(request, script)
        _fail(request, script, completion)
        pieces = _pieces(completion.text, script.chunks)
        cut = script.cut_stream and script.fails(request.attempt)
        for piece in pieces[: len(pieces) // 2] if cut else pieces:
            yield Chunk(piece)
            await _wait(script.chunk_interval_ms, request.timeout)
        if cut:
            raise truncated()
        yield completion

    async def close(self) -> None:
        """Nothing is held open."""

    def _completion(self, request: CompletionRequest, script: Script) -> Completion:
        text = storable(_text(request, script))
        words = text.split(" ")
        limit = request.parameters.get("max_tokens", len(words))
        cut = len(words) > limit or script.finish_reason == "length" or script.form == "cut"
        text = " ".join(words[:limit])
        return Completion(
            text=text,
            model=f"{self.alias}/{request.model}",
            finish_reason=FinishReason.LENGTH if cut else FinishReason.STOP,
            usage=_usage(request, script, text),
            provider_request_id=f"simulated-{_digest(request)[:16]}",
        )


def _text(request: CompletionRequest, script: Script) -> str:
    text = _plain_text(request, script) if script.text is None else script.text
    return _FORMS[script.form](text) if script.form else text


def _plain_text(request: CompletionRequest, script: Script) -> str:
    if schema := request.parameters.get("json_schema"):
        return _structured(schema, request.prompt, script.leave_out)
    words = request.prompt.split()
    excerpt = " ".join(words[:EXCERPT_WORDS]) + (" …" if len(words) > EXCERPT_WORDS else "")
    return (
        f"[Simulated answer, no model was called] {request.model} was given {len(words)} words "
        f"(fingerprint {_digest(request)[:8]}): {excerpt}"
    )


def _structured(schema: Mapping[str, Any], prompt: str, leave_out: str) -> str:
    fields = simulated_fields.answer(schema, prompt)
    if isinstance(fields, dict):
        fields.pop(leave_out, None)
    return json.dumps(fields, ensure_ascii=False)


_FORMS: Mapping[str, Callable[[str], str]] = {
    "fenced": lambda text: f"```json\n{text}\n```",
    "chatty": lambda text: f"Here is what I found:\n\n{text}\n\nTell me if you need anything else.",
    "cut": lambda text: text[: len(text) * 3 // 5],
}


def _digest(request: CompletionRequest) -> str:
    # A prompt may hold lone surrogates, which plain UTF-8 refuses.
    return hashlib.sha256(f"{request.model}\n{request.prompt}".encode(errors="surrogatepass")).hexdigest()


def _usage(request: CompletionRequest, script: Script, text: str) -> Usage:
    """One token a word, unless the script says otherwise."""
    asked = len(request.prompt.split()) + len(str(request.parameters.get("system", "")).split())
    return Usage(
        input_tokens=asked if script.input_tokens is None else script.input_tokens,
        cached_tokens=0,
        output_tokens=len(text.split()) if script.output_tokens is None else script.output_tokens,
        reasoning_tokens=0,
    )


def _pieces(text: str, count: int) -> list[str]:
    """The text in at most `count` pieces of about the same length."""
    size = max(1, -(-len(text) // count))
    return [text[start : start + size] for start in range(0, len(text), size)]


async def _wait(milliseconds: int, limit: float) -> None:
    """Sleep, but no longer than the call may take (seconds). Raises ProviderError(TIMEOUT)."""
    seconds = milliseconds / 1000
    if not seconds:
        return
    await asyncio.sleep(min(seconds, limit))
    if seconds > limit:
        raise ProviderError(ErrorClass.TIMEOUT, f"No answer within {limit:g} seconds (simulated).")


def _fail(request: CompletionRequest, script: Script, completion: Completion) -> None:
    """Raise the scripted error if this attempt is one that fails."""
    if not script.error or not script.fails(request.attempt):
        return
    error_class = ErrorClass(script.error)
    raise ProviderError(
        error_class,
        f"{error_class.value} (simulated).",
        retry_after=script.retry_after,
        status_code=script.status_code,
        request_id=completion.provider_request_id,
        completion=completion if error_class is ErrorClass.CONTENT_FILTER else None,
    )
