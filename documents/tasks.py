"""Celery as one more interface: a task calls one function, and nothing of value goes through its result."""

from __future__ import annotations

from celery import shared_task

from documents import announcing, worker


@shared_task(name=announcing.LOOK_FOR_WORK, ignore_result=True)
def look_for_work() -> None:
    """Wake this worker's readers. Harmless when lost, late or delivered many times."""
    worker.wake()
