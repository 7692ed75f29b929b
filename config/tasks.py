"""What the scheduler has done every minute and every hour."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from prompts.services import housekeeping, sealing


@shared_task(ignore_result=True)
def seal_answers() -> None:
    """Seal what was answered since the last time. Harmless when late or delivered many times."""
    sealing.seal_answers()


@shared_task(ignore_result=False)
def keep_house() -> dict[str, int]:
    """Remove expired idempotency keys, tokens and sessions, and seal what was overlooked. Returns the rows by kind."""
    call_command("flushexpiredtokens")
    call_command("clearsessions")
    return housekeeping.purge_expired() | {"late_answers": sealing.seal_late_answers()}
