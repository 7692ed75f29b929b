"""Fixtures of the provider tests: the stub of the vendors, and the adapters pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers import registry
from providers.tests.adapters import ADAPTERS, Adapter, Simulator
from providers.tests.stubs import VendorStub


def _warm(kind: type[Adapter], stub: VendorStub) -> Adapter:
    """The import of a vendor's SDK takes seconds, which are no part of a call's time."""
    adapter = kind(stub)
    adapter.provider.warm_up()
    return adapter


def _name(kind: type[Adapter]) -> str:
    return kind.__name__


@pytest.fixture(scope="session")
def shared_stub() -> Iterator[VendorStub]:
    with VendorStub() as running:
        yield running


@pytest.fixture
def stub(shared_stub: VendorStub) -> VendorStub:
    """The stub without calls and scripts of earlier tests."""
    shared_stub.calls.clear()
    shared_stub.max_in_flight = 0
    return shared_stub


@pytest.fixture(params=ADAPTERS, ids=_name)
def adapter(request: pytest.FixtureRequest, stub: VendorStub) -> Adapter:
    """Each adapter that calls a vendor, in turn."""
    kind: type[Adapter] = request.param
    return _warm(kind, stub)


@pytest.fixture(params=[*ADAPTERS, Simulator], ids=_name)
def contracted(request: pytest.FixtureRequest, stub: VendorStub) -> Adapter:
    """Each adapter that there is, in turn."""
    kind: type[Adapter] = request.param
    return _warm(kind, stub)


@pytest.fixture(autouse=True)
def _fresh_registry() -> Iterator[None]:
    registry.reset()
    yield
    registry.reset()
