"""An installation for each end-to-end test, with a vendor that answers after a moment."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.tests.e2e.installation import Installation
from providers.tests.stubs import VendorStub


@pytest.fixture
def vendor() -> Iterator[VendorStub]:
    """A stub of the vendors."""
    with VendorStub(numbered=True) as stub:
        yield stub


@pytest.fixture
def install(vendor: VendorStub, prepared: Path) -> Iterator[Callable[..., Installation]]:
    """Makes an installation whose `openai` is the stub; environment variables as keyword arguments.

    With `database=None` it makes its tables and its owner itself, under these variables.
    """
    with ExitStack() as stack:

        def make(*, database: Path | None = prepared, **environment: str) -> Installation:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="apm-", ignore_cleanup_errors=True))
            Path(folder).chmod(0o711)
            keys = {"OPENAI_API_KEY": "sk-stub", "OPENAI_BASE_URL": vendor.openai_url}
            installation = Installation(Path(folder), environment=keys | environment, database=database)
            return stack.enter_context(installation)

        yield make
