"""Celery as one more interface: a task calls one function, and nothing of value goes through its result."""

from __future__ import annotations

from celery import shared_task

from prompts import engine


@shared_task(ignore_result=True)
def run_due_requests() -> None:
    """Wake this worker's engine. Harmless when lost, late or delivered many times."""
    engine.wake()
