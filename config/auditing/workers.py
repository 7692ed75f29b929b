"""What runs in a worker process comes from the worker: its tasks, its engine, its sealer."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_init

from audit import origin


def connect() -> None:
    """Listen from now on. Celery sends the signal before it starts a thread."""
    worker_init.connect(_name_channel, dispatch_uid="auditing.worker")


def _name_channel(**kwargs: Any) -> None:
    origin.set_channel_of_process(origin.WORKER)
