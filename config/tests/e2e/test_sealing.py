"""A worker seals the audit log, also without a broker, and ends with what it has sealed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.tests.e2e.installation import Installation, wait_for

pytestmark = pytest.mark.serial

APPEND = """
from django.db import transaction; from audit import log
with transaction.atomic(): log.append("test.done", actor=None)
"""


def unsealed(installation: Installation) -> int:
    return int(installation.sql("SELECT count(*) FROM audit_unsealed")[0][0])


def test_workers_seal_without_a_broker_and_one_takes_over_from_another(install: Callable[..., Installation]) -> None:
    installation = install()
    first, second = installation.start_worker("w1"), installation.start_worker("w2")
    installation.manage("shell", "--no-imports", "-c", APPEND)
    wait_for(lambda: unsealed(installation) == 0, 60, "the sealer")
    installation.valkey.stop()
    installation.kill(first)
    installation.manage("shell", "--no-imports", "-c", APPEND)
    wait_for(lambda: unsealed(installation) == 0, 60, "the sealer of the other worker")
    assert "Whole: " in installation.manage("verify_audit")
    assert installation.end(second) == 0
