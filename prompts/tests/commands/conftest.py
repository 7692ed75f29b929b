"""A worker's engine in this process, so that commands get their answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from prompts.engine import Engine


@pytest.fixture
def engine(settings: Any) -> Iterator[Engine]:
    settings.POLL_SECONDS = 0.1
    engine = Engine(worker_name="w1", slots=10)
    engine.start()
    yield engine
    engine.stop(grace=0)
