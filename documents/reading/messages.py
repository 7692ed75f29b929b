"""What child and parent say to each other: limits one way, JSON lines the other."""

from __future__ import annotations

import json
import os
import threading
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

from documents.reading.limits import Limits
from documents.reading.reasons import CRASHED, IMAGE_TOO_LARGE, REASONS, TOO_MUCH_TEXT, Unreadable
from documents.reading.results import PageText, Picture

MAX_DETAIL_LENGTH = 500


def encode_limits(limits: Limits) -> str:
    """For the child's command line."""
    return json.dumps(asdict(limits))


def decode_limits(text: str) -> Limits:
    """What `encode_limits` made."""
    return Limits(**json.loads(text))


def max_bytes(limits: Limits) -> int:
    """The most that a child within `limits` writes: JSON escapes at most double a text, and each page has a frame."""
    return 2 * limits.max_text_bytes + 256 * (limits.max_pages + 2) + 8 * MAX_DETAIL_LENGTH


class Outlet:
    """The child's end. Pages may come from several threads, each whole."""

    def __init__(self, descriptor: int, max_text_bytes: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._bytes_left = max_text_bytes

    def page(self, page: PageText, count: int | None) -> None:
        """Say what stands on a page, of `count` where that is known. Raises Unreadable (too_much_text)."""
        with self._lock:
            self._bytes_left -= len(page.text.encode())
            if self._bytes_left < 0:
                raise Unreadable(TOO_MUCH_TEXT, f"at page {page.number}")
            self._write({"page": asdict(page), "of": count})

    def picture(self, picture: Picture) -> None:
        """Say how a page looks. Raises Unreadable (image_too_large) for what is longer than all texts may be."""
        content = b64encode(picture.content).decode()
        if len(content) > self._bytes_left:
            raise Unreadable(IMAGE_TOO_LARGE, f"a picture of {len(picture.content)} bytes")
        self._write({"picture": asdict(picture) | {"content": content}})

    def unreadable(self, error: Unreadable) -> None:
        """Say why there is no text. Nothing comes after it."""
        with self._lock:
            self._write({"unreadable": error.reason, "detail": error.detail[:MAX_DETAIL_LENGTH]})

    def done(self) -> None:
        """Say that all pages were said."""
        with self._lock:
            self._write({"done": True})

    def _write(self, message: dict[str, Any]) -> None:
        data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        while data:
            data = data[os.write(self._descriptor, data) :]


class Inlet:
    """The parent's end: takes what the child wrote, which may be anything."""

    def __init__(self, limits: Limits) -> None:
        self._bytes_left = max_bytes(limits)
        self._rest = bytearray()
        self.done = False
        #: How a page looks, once the child has said it.
        self.picture: Picture | None = None

    def feed(self, data: bytes) -> list[tuple[PageText, int | None]]:
        """The pages whose lines are complete now. Raises Unreadable when the child says so, or says nonsense."""
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise Unreadable(TOO_MUCH_TEXT, "the child wrote without end")
        self._rest += data
        *lines, self._rest = self._rest.split(b"\n")
        return [page for line in lines if (page := self._take(bytes(line)))]

    def _take(self, line: bytes) -> tuple[PageText, int | None] | None:
        try:
            message = json.loads(line)
            if reason := message.get("unreadable"):
                raise Unreadable(reason if reason in REASONS else CRASHED, str(message.get("detail")))
            if "page" in message:
                return PageText(**message["page"]), message["of"]
            if "picture" in message:
                self.picture = _picture(**message["picture"])
                return None
            self.done = bool(message["done"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreadable(CRASHED, f"the child wrote what is no message: {error!r}") from error
        return None


def _picture(content: str, **said: Any) -> Picture:
    return Picture(content=b64decode(content, validate=True), **said)
