"""What all adapters that stand on a vendor's SDK have in common."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from importlib import import_module
from typing import ClassVar, Generic, TypeVar

from providers.base import Chunk, Completion, CompletionRequest, Provider
from providers.errors import class_of_exception, described, presentable, scrub, unfiltered
from providers.exceptions import ConfigurationError, ErrorClass, ProviderError

Client = TypeVar("Client")
Item = Chunk | Completion


class SDKProvider(Provider, Generic[Client]):
    """Deadline, error translation and the client's life; a vendor's adapter adds the four methods below.

    SDKs are imported inside these methods: together they cost seconds and 150 MB, which the web process,
    asking only `supported_options`, should not pay.
    """

    #: The SDK's module.
    sdk: ClassVar[str]

    _client: Client | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def warm_up(self) -> None:
        """See Provider.warm_up."""
        import_module(self.sdk)

    @abstractmethod
    def _connect(self) -> Client:
        """Make the vendor's async client: no retries of its own, `transport.http_client` below."""

    @abstractmethod
    async def _disconnect(self, client: Client) -> None:
        """Close the client's connections."""

    @abstractmethod
    async def _complete(self, client: Client, request: CompletionRequest) -> Completion:
        """One call, answered in one piece; any exception is translated by the caller."""

    @abstractmethod
    def _stream(self, client: Client, request: CompletionRequest) -> AsyncGenerator[Item, None]:
        """One streaming call; ends with a Completion or raises `errors.truncated()`."""

    @abstractmethod
    def _vendor_error(self, err: Exception) -> ProviderError | None:
        """The vendor's own exception in our terms; None for what is not the vendor's."""

    async def complete(self, request: CompletionRequest) -> Completion:
        """See Provider.complete."""
        try:
            async with asyncio.timeout(request.timeout):
                return unfiltered(await self._complete(self._connected(), request))
        except (ProviderError, ConfigurationError):
            raise
        except Exception as err:
            raise self._translated(err) from err

    async def stream(self, request: CompletionRequest) -> AsyncIterator[Item]:
        """See Provider.stream."""
        deadline = asyncio.get_running_loop().time() + request.timeout
        try:
            async with aclosing(self._stream(self._connected(), request)) as items:
                while (item := await _next(items, deadline)) is not None:
                    yield item if isinstance(item, Chunk) else unfiltered(item)
        except (ProviderError, ConfigurationError):
            raise
        except Exception as err:
            raise self._translated(err) from err

    async def close(self) -> None:
        """See Provider.close."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await self._disconnect(client)

    def _connected(self) -> Client:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            # Pooled connections belong to the loop that opened them.
            self._client, self._loop = self._connect(), loop
        return self._client

    def _translated(self, err: Exception) -> ProviderError:
        """One place where whatever went wrong becomes a ProviderError, free of the key."""
        error = self._vendor_error(err) or ProviderError(class_of_exception(err), described(err))
        error.message = presentable(error.message, self.api_key)
        error.args = (error.message,)
        error.request_id = presentable(error.request_id, self.api_key)
        scrub(err, self.api_key)
        return error


async def _next(items: AsyncIterator[Item], deadline: float) -> Item | None:
    """The next item, or None after the last. Raises TimeoutError at the deadline (loop time).

    The timeout spans the wait only, never a yield: a consumer that dawdles must not be cancelled by it.
    """
    async with asyncio.timeout_at(deadline):
        return await anext(items, None)


def connection_error(err: Exception, default: ErrorClass = ErrorClass.CONNECTION) -> ProviderError:
    """From an SDK's "connection error", which says what happened only in its cause."""
    cause = err.__cause__
    if cause is None:
        return ProviderError(default, described(err))
    return ProviderError(class_of_exception(cause), described(cause))
