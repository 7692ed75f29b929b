"""HTTP/1.1 on aiohttp's connections and parser, below httpx2 and the vendors' SDKs.

They take half the processor time of httpx2's own (docs/decisions/0022-workers-hot-path.md). What stands above a
connection stays httpx2's: redirects, event hooks, proxies from the environment, decoding.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx2
from aiohttp.connector import Connection
from yarl import URL

from providers.bounded_response import BoundedResponse

#: Seconds that an idle connection is kept.
KEEPALIVE = 30.0
#: The longest header line; aiohttp's own 8 kB is less than some gateways send.
LONGEST_HEADER = 65_536
#: aiohttp adds these by itself; here the request has what it shall have.
NO_HEADERS_OF_ITS_OWN = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
ERRORS = (aiohttp.ClientError, TimeoutError, OSError)
#: The first that fits; what fits none is an answer that is no HTTP.
IN_HTTPX2_TERMS: tuple[tuple[type[Exception], type[httpx2.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx2.ConnectTimeout),
    (TimeoutError, httpx2.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx2.ConnectError),
    (aiohttp.ServerDisconnectedError, httpx2.RemoteProtocolError),
    (aiohttp.ClientConnectionError, httpx2.ReadError),
    (OSError, httpx2.ReadError),
    (aiohttp.InvalidURL, httpx2.UnsupportedProtocol),
    (aiohttp.NonHttpUrlClientError, httpx2.UnsupportedProtocol),
)


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Sends requests over one pool of any number of connections, bound to the loop of the first of them."""

    def __init__(self, verify: ssl.SSLContext) -> None:
        self._verify = verify
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2.AsyncBaseTransport. Raises httpx2.TransportError."""
        body = await request.aread()
        try:
            response = await self._connected().request(
                request.method,
                _address(request),
                headers=request.headers.multi_items(),
                data=body or None,
                allow_redirects=False,
                timeout=_timeout(request),
            )
        except ERRORS as err:
            error = _in_httpx2_terms(err)
        else:
            return BoundedResponse(response.status, headers=response.raw_headers, stream=_Body(response))
        # Outside of the except: aiohttp's errors show the request, and its headers hold the key.
        raise error

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=_Connector(limit=0, keepalive_timeout=KEEPALIVE, ssl=self._verify),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=NO_HEADERS_OF_ITS_OWN,
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
            )
        return self._session


class _Connector(aiohttp.TCPConnector):
    """Uses no kept connection again on which something came that nobody had asked for.

    aiohttp would take that for the answer to the next call: a gateway's parting words, or another call's answer.
    """

    async def connect(self, *args: Any, **kwargs: Any) -> Connection:
        """See aiohttp.BaseConnector."""
        connection = await super().connect(*args, **kwargs)
        while connection.protocol and connection.protocol.should_close:
            connection.close()
            connection = await super().connect(*args, **kwargs)
        return connection


class _Body(httpx2.AsyncByteStream):
    """The body of an answer, as it comes in."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except ERRORS as err:
            error = _in_httpx2_terms(err)
        else:
            return
        raise error

    async def aclose(self) -> None:
        # A connection whose answer was read to its end is used again, any other is closed.
        self._response.release()


def _address(request: httpx2.Request) -> URL:
    """As httpx2 has written it; a user and password in it have become a header above."""
    address = URL(str(request.url), encoded=True)
    return address if address.raw_user is None else address.with_user(None)


def _timeout(request: httpx2.Request) -> aiohttp.ClientTimeout:
    """Looking up the name, connecting and TLS together take `connect` at most; `read` is between two pieces."""
    timeout = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(connect=timeout.get("connect"), sock_read=timeout.get("read"))


def _in_httpx2_terms(err: Exception) -> httpx2.TransportError:
    # The text of an answer that can't be read shows the address and nothing that tells more.
    text = err.message if isinstance(err, aiohttp.ClientResponseError) else str(err)
    kind = next((theirs for ours, theirs in IN_HTTPX2_TERMS if isinstance(err, ours)), httpx2.RemoteProtocolError)
    return kind(text or type(err).__name__)
