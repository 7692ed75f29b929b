"""What the scheduler has done every minute and every hour."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from documents.services import erasing
from prompts.services import housekeeping, retention, sealing, statistics


@shared_task(ignore_result=True)
def seal_answers() -> None:
    """Seal what was answered since the last time. Harmless when late or delivered many times."""
    sealing.seal_answers()


@shared_task(ignore_result=False)
def keep_house() -> dict[str, int]:
    """Remove what has expired, seal what was overlooked and fold the counts of the past. Returns the rows by kind."""
    call_command("flushexpiredtokens")
    call_command("clearsessions")
    done = {"late_answers": sealing.seal_late_answers(), "folded_statistics": statistics.fold()}
    return housekeeping.purge_expired() | done


@shared_task(ignore_result=False)
def purge_requests() -> dict[str, int]:
    """Erase what is past its time, a bounded number of requests, and contents that nobody names or has any more."""
    done = {"requests": retention.purge_all(), "unnamed": erasing.erase_unnamed()}
    return done | {"without_row": erasing.erase_without_row(), "contents": erasing.remove_from_disk()}
