"""Skips, or refuses to skip, where this machine can't be several."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from config.tests.machines.servers import missing
from config.tests.machines.site import Site


@pytest.fixture
def spread() -> Iterator[Callable[..., Site]]:
    """Makes a site of the hosts that are named; environment variables as keyword arguments."""
    if lacking := missing():
        text = f"Several machines need root and Debian's packages; missing: {', '.join(lacking)}."
        if os.environ.get("REQUIRE_MACHINES") == "1":
            pytest.fail(text)
        pytest.skip(text)
    with ExitStack() as stack:
        yield lambda *hosts, **environment: stack.enter_context(Site(list(hosts), **environment))
