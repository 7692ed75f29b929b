"""Celery as one more interface: a task calls one function, and nothing of value goes through its result."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from audit.services import checking


@shared_task(ignore_result=True)
def carry_out_verification(question: str) -> None:
    """Verify the log. Harmless when late or delivered many times; when it is lost, somebody asks again."""
    checking.carry_out(UUID(question))
