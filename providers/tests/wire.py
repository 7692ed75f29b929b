"""The bytes that the vendors' stub sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from providers.tests import vendor_formats
from providers.tests.reply import Reply
from providers.tests.vendor_formats import REQUEST_ID

PHRASES = {status.value: status.phrase for status in HTTPStatus}
REQUEST_ID_HEADER = {"openai": "x-request-id", "anthropic": "request-id", "gemini": "x-goog-stub"}

GOOD_ANSWERS: dict[str, Callable[[str, Reply], dict[str, Any]]] = {
    "openai": vendor_formats.openai_answer,
    "anthropic": vendor_formats.anthropic_answer,
    "gemini": vendor_formats.gemini_answer,
}
STREAMS: dict[str, Callable[[str, Reply, list[str]], Iterator[bytes]]] = {
    "openai": vendor_formats.openai_stream,
    "anthropic": vendor_formats.anthropic_stream,
    "gemini": vendor_formats.gemini_stream,
}


def with_request_id(vendor: str, reply: Reply, request_id: str) -> Reply:
    """The reply under a request id of its own."""
    return replace(reply, headers={**reply.headers, REQUEST_ID_HEADER[vendor]: request_id})


def whole_answer(vendor: str, model: str, reply: Reply) -> bytes:
    """An answer in one piece, head and body."""
    body = GOOD_ANSWERS[vendor](model, reply) if reply.body is None else reply.body
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    content = text.encode() if isinstance(text, str) else text
    headers = {"content-type": reply.content_type, "content-length": str(len(content))}
    return _head(vendor, reply, headers) + content


def stream_head(vendor: str, reply: Reply) -> bytes:
    """The head of an event stream."""
    return _head(vendor, reply, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})


def _head(vendor: str, reply: Reply, headers: Mapping[str, str]) -> bytes:
    all_headers = {REQUEST_ID_HEADER.get(vendor, "x-request-id"): REQUEST_ID, **headers, **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items())
    return f"HTTP/1.1 {reply.status} {_phrase(reply.status)}\r\n{lines}\r\n".encode()


def _phrase(status: int) -> str:
    return PHRASES.get(status, "Overloaded")


def events(vendor: str, model: str, reply: Reply) -> Iterator[bytes]:
    """The events of a stream, cut or broken as the reply says."""
    pieces = _pieces(reply.text, reply.chunks)
    yield from STREAMS[vendor](model, reply, pieces if reply.cut_after is None else pieces[: reply.cut_after])


def _pieces(text: str, count: int) -> list[str]:
    size = max(1, -(-len(text) // count))
    return [text[start : start + size] for start in range(0, len(text), size)]
