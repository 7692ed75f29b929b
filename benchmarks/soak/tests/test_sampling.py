"""What is looked at of a process."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil

from benchmarks.soak import roles
from benchmarks.soak.sampling import Sampler


def test_connections_to_the_vendor_are_none_of_the_files_that_last(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as vendor, socket.create_connection(vendor.getsockname()):
        house: Any = SimpleNamespace(vendor_port=vendor.getsockname()[1])
        seen = Sampler(house, tmp_path / "samples", threading.Event())._seen(roles.WORKER, psutil.Process())
    assert seen is not None
    assert seen["files"] - seen["lasting_files"] == 1


def test_a_connection_elsewhere_is_no_call() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_connection(other.getsockname()):
        assert roles.connections_to(1, psutil.Process()) == 0
