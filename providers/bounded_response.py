"""Answers that end the call when they grow too large, however little of them was sent: a packed one can be a bomb."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx2
from django.conf import settings

from providers.errors import AnswerTooLarge


class BoundedResponse(httpx2.Response):
    """Of at most `settings.LLM_MAX_ANSWER_BYTES`, both as it comes and unpacked.

    httpx2 unpacks in pieces of a megabyte, and only as fast as they are read: what is refused was never held as a
    whole. Reading raises AnswerTooLarge; who reads by httpx2's own means closes the connection then.
    """

    def aiter_raw(self, chunk_size: int | None = None) -> AsyncGenerator[bytes, None]:
        """See httpx2.Response."""
        return _limited(super().aiter_raw(chunk_size))

    def aiter_bytes(self, chunk_size: int | None = None) -> AsyncGenerator[bytes, None]:
        """See httpx2.Response."""
        return _limited(super().aiter_bytes(chunk_size))


def bounded(response: httpx2.Response) -> BoundedResponse:
    """The same answer, whose body was not read yet, with a limit."""
    return BoundedResponse(
        response.status_code, headers=response.headers, stream=response.stream, extensions=response.extensions
    )


async def _limited(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    limit: int = settings.LLM_MAX_ANSWER_BYTES
    size = 0
    async with aclosing(pieces):
        async for piece in pieces:
            size += len(piece)
            if size > limit:
                raise AnswerTooLarge(limit)
            yield piece
