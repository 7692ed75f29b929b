"""The broker's certificate is checked: who signed it, and for which host."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

import pytest
from celery import Celery
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.databases import broker_tls, broker_url

HERE = "127.0.0.1"


@pytest.fixture
def certificate(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A file with a key and what it has signed for the address that the test names, and for nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address(request.param))
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "broker.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def listening(certificate: Path) -> Iterator[int]:
    """A server that ends each connection after the handshake; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with create_server((HERE, 0)) as server:
        thread = threading.Thread(target=end_each, args=(server, context), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(2)
        thread.join(10)


def end_each(server: object, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _address = server.accept()  # type: ignore[attr-defined]
        except OSError:
            return
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()


def complaint(url: str) -> str:
    """Why Celery, set as ours is, can't connect."""
    app = Celery(broker=broker_url(url), set_as_current=False)
    app.conf.broker_use_ssl = broker_tls(url)
    with app.connection_for_write(connect_timeout=5) as broker, pytest.raises(Exception) as refused:  # noqa: PT011
        broker.ensure_connection(max_retries=1, timeout=5)
    return str(refused.value)


@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
@pytest.mark.parametrize("certificate", [HERE], indirect=True)
def test_a_certificate_that_nobody_known_has_signed_is_refused(scheme: str, certificate: Path) -> None:
    with listening(certificate) as port:
        assert "CERTIFICATE_VERIFY_FAILED" in complaint(f"{scheme}://{HERE}:{port}/0")


@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
@pytest.mark.parametrize("certificate", ["192.0.2.1"], indirect=True)
def test_a_certificate_for_another_host_is_refused(
    scheme: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with listening(certificate) as port:
        assert "CERTIFICATE_VERIFY_FAILED" in complaint(f"{scheme}://{HERE}:{port}/0")


@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
@pytest.mark.parametrize("certificate", [HERE], indirect=True)
def test_a_certificate_that_is_right_is_believed(
    scheme: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with listening(certificate) as port:
        assert "CERTIFICATE" not in complaint(f"{scheme}://{HERE}:{port}/0")
