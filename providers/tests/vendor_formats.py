"""The vendors' good answers and streams, as their API references describe them.

https://platform.openai.com/docs/api-reference/chat/streaming
https://platform.claude.com/docs/en/build-with-claude/streaming
https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from providers.tests.reply import Reply

REQUEST_ID = "req_stub_1"


def _data(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


# --- OpenAI


OPENAI_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 10, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 0},
}


def openai_answer(model: str, reply: Reply) -> dict[str, Any]:
    """A `chat.completion` object."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish or "stop"}
    return {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 1790000000,
        "model": model,
        "choices": [choice],
        "usage": OPENAI_USAGE if reply.usage is None else reply.usage,
        "service_tier": "default",
    }


def openai_stream(model: str, reply: Reply, pieces: list[str]) -> Iterator[bytes]:
    """`chat.completion.chunk` events; the usage comes in one of its own, without choices."""
    base = {"id": "chatcmpl-stub", "object": "chat.completion.chunk", "created": 1790000000, "model": model}

    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**base, "choices": [choice], "usage": None})

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    for piece in pieces:
        yield chunk({"content": piece})
    if reply.error_event is not None:
        yield _data({"error": reply.error_event})
    if reply.is_whole:
        yield chunk({}, reply.finish or "stop")
        yield _data({**base, "choices": [], "usage": OPENAI_USAGE if reply.usage is None else reply.usage})
        yield b"data: [DONE]\n\n"


# --- Anthropic


ANTHROPIC_USAGE = {
    "input_tokens": 50,
    "cache_read_input_tokens": 40,
    "cache_creation_input_tokens": 10,
    "output_tokens": 20,
    "output_tokens_details": {"thinking_tokens": 5},
}


def anthropic_answer(model: str, reply: Reply) -> dict[str, Any]:
    """A `message` object."""
    return {
        "id": "msg_stub",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": reply.text}] if reply.text else [],
        "stop_reason": reply.finish or "end_turn",
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE if reply.usage is None else reply.usage,
    }


def anthropic_stream(model: str, reply: Reply, pieces: list[str]) -> Iterator[bytes]:
    """Named events from `message_start` to `message_stop`; output tokens are told at the end."""
    usage = dict(ANTHROPIC_USAGE if reply.usage is None else reply.usage)
    at_start = {**usage, "output_tokens": 1, "output_tokens_details": None}
    start = {**anthropic_answer(model, reply), "content": [], "stop_reason": None, "usage": at_start}
    yield _event("message_start", message=start)
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield _event("ping")
    for piece in pieces:
        yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    if reply.error_event is not None:
        yield _event("error", error=reply.error_event, request_id=REQUEST_ID)
    if reply.is_whole:
        yield _event("content_block_stop", index=0)
        delta = {"stop_reason": reply.finish or "end_turn", "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage=usage)
        yield _event("message_stop")


def _event(name: str, **payload: Any) -> bytes:
    return b"event: " + name.encode() + b"\n" + _data({"type": name, **payload})


# --- Gemini


GEMINI_USAGE = {
    "promptTokenCount": 100,
    "candidatesTokenCount": 15,
    "thoughtsTokenCount": 5,
    "cachedContentTokenCount": 40,
    "totalTokenCount": 120,
}


def gemini_answer(model: str, reply: Reply) -> dict[str, Any]:
    """A `GenerateContentResponse`, with a thought part that is no answer."""
    return _gemini(model, reply, reply.text, reply.finish or "STOP", thought="Let me think.")


def gemini_stream(model: str, reply: Reply, pieces: list[str]) -> Iterator[bytes]:
    """`GenerateContentResponse` objects; only the last has a finish reason."""
    for position, piece in enumerate(pieces, start=1):
        is_last = position == len(pieces) and reply.is_whole
        yield _data(_gemini(model, reply, piece, (reply.finish or "STOP") if is_last else None))
    if reply.error_event is not None:
        yield _data({"error": reply.error_event})


def _gemini(model: str, reply: Reply, text: str, finish: str | None, thought: str = "") -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": thought, "thought": True}] if thought else []
    candidate: dict[str, Any] = {"content": {"parts": [*parts, {"text": text}], "role": "model"}, "index": 0}
    return {
        "candidates": [candidate | ({"finishReason": finish} if finish else {})],
        "usageMetadata": GEMINI_USAGE if reply.usage is None else reply.usage,
        "modelVersion": model,
        "responseId": REQUEST_ID,
    }
