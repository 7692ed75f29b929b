"""What happens on the wire below the SDKs: connections kept and closed, certificates, proxies."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers import transport
from providers.base import Provider
from providers.exceptions import ErrorClass, ProviderError
from providers.tests.adapters import CANARY, Adapter
from providers.tests.raw_server import raw_server
from providers.tests.stubs import VendorStub

both_ways = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])


def provider_at(adapter: Adapter, root: str) -> Provider:
    """The adapter's provider with another address than the stub's."""
    return adapter.backend("x", api_key=CANARY, base_url=adapter.base_url.replace(adapter.stub.url, root))


async def call(adapter: Adapter, provider: Provider, *, streaming: bool = False) -> None:
    """One call to its end."""
    if not streaming:
        await provider.complete(adapter.request())
        return
    async for _ in provider.stream(adapter.request()):
        pass


async def failure(adapter: Adapter, provider: Provider, *, streaming: bool = False) -> ProviderError:
    """The error of one call."""
    try:
        with pytest.raises(ProviderError) as caught:
            await call(adapter, provider, streaming=streaming)
        return caught.value
    finally:
        await provider.close()


def texts_of(error: BaseException) -> list[str]:
    """All that a log could show of an error and what led to it."""
    texts: list[str] = []
    current: BaseException | None = error
    while current is not None:
        texts += [str(current), repr(current)]
        current = current.__cause__ or current.__context__
    return texts


@both_ways
def test_a_cancelled_call_closes_its_connection(adapter: Adapter, streaming: bool) -> None:
    async def run() -> bool:
        async with raw_server() as server:
            provider = provider_at(adapter, f"http://127.0.0.1:{server.port}")
            task = asyncio.create_task(call(adapter, provider, streaming=streaming))
            await asyncio.wait_for(server.asked.wait(), 30)
            task.cancel()
            await asyncio.wait_for(server.gone.wait(), 30)
            await provider.close()
            return task.cancelled()

    assert asyncio.run(run())


@both_ways
def test_calls_one_after_another_share_a_connection(adapter: Adapter, streaming: bool) -> None:
    async def run(provider: Provider) -> None:
        for _ in range(3):
            await call(adapter, provider, streaming=streaming)
        await provider.close()

    with VendorStub() as own:
        asyncio.run(run(provider_at(adapter, own.url)))
        assert (len(own.calls), own.connections) == (3, 1)


@both_ways
@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nda",
    ],
    ids=["no http", "short", "half a chunk"],
)
def test_an_answer_that_breaks_off_is_a_connection_error_without_the_key(
    adapter: Adapter, answer: bytes, streaming: bool
) -> None:
    async def run() -> ProviderError:
        async with raw_server(answer) as server:
            return await failure(adapter, provider_at(adapter, f"http://127.0.0.1:{server.port}"), streaming=streaming)

    error = asyncio.run(run())

    assert error.error_class is ErrorClass.CONNECTION
    assert not [text for text in texts_of(error) if CANARY in text]


# --- Certificates -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate of `localhost` that nobody has signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


async def heads_seen_by_tls(adapter: Adapter, certificate: Path, host: str) -> list[str]:
    """What of a call gets through to a server with that certificate, called by that name."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with raw_server(b"nonsense\r\n\r\n", tls) as server:
        error = await failure(adapter, provider_at(adapter, f"https://{host}:{server.port}"))
        assert error.error_class is ErrorClass.CONNECTION
        return server.heads


def test_nothing_is_sent_to_a_server_whose_certificate_nobody_trusts(adapter: Adapter, certificate: Path) -> None:
    assert asyncio.run(heads_seen_by_tls(adapter, certificate, "localhost")) == []


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate, trusted as an operator says it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    fresh = transport.ssl_context.__wrapped__()
    monkeypatch.setattr(transport, "ssl_context", lambda: fresh)
    return certificate


def test_a_certificate_that_the_operator_trusts_is_enough(adapter: Adapter, trusted: Path) -> None:
    assert len(asyncio.run(heads_seen_by_tls(adapter, trusted, "localhost"))) == 1


def test_a_trusted_certificate_of_another_name_is_not(adapter: Adapter, trusted: Path) -> None:
    assert asyncio.run(heads_seen_by_tls(adapter, trusted, "127.0.0.1")) == []


# --- Proxies ----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_calls_go_through_the_proxy_that_the_environment_names(
    adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", adapter.stub.url)
    adapter.provider = provider_at(adapter, "http://vendor.invalid")

    adapter.complete()

    assert adapter.calls[0].path.startswith("http://vendor.invalid/")


def test_a_proxy_of_https_is_asked_for_a_tunnel_and_sees_no_key(
    adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> list[str]:
        async with raw_server(b"HTTP/1.1 403 Forbidden\r\n\r\n") as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            error = await failure(adapter, provider_at(adapter, "https://vendor.invalid"))
            assert error.error_class is ErrorClass.CONNECTION
            return proxy.heads

    (head,) = asyncio.run(run())
    assert head.startswith("CONNECT vendor.invalid:443 ")
    assert CANARY not in head


def test_an_address_that_no_proxy_names_is_called_without_one(
    adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")

    adapter.complete()

    assert not adapter.calls[0].path.startswith("http")
