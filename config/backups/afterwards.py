"""What has to happen in a database that was brought back, before anybody works with it."""

from __future__ import annotations

from django.db import transaction

from audit import log
from config.backups.checking import Backup
from documents.models import DocumentFile
from documents.models.document_file import ReadingState
from documents.services import reading
from documents.services.reading import Reading
from prompts.models import PromptRequest
from prompts.models.prompt_request import Status
from prompts.services import recovery
from prompts.services.execution import Claim

RESTORED = "backup.restored"
AT_A_TIME = 500


def release_requests() -> int:
    """Have every call that was under way at the time of the backup be made again; how many. As after a shutdown.

    What somebody holds who works here already (`--force`) is left to the sweeper.
    """
    released = 0
    while some := recovery.release(_claims()):
        released += some
    return released


def release_files() -> int:
    """The same of files that were being read."""
    released = 0
    while some := reading.release(_readings()):
        released += some
    return released


@transaction.atomic
def note(backup: Backup) -> None:
    """Write into the restored log that, and from what, it was restored."""
    manifest = backup.manifest
    details = {
        "manifest_sha256": backup.sha256,
        "snapshot_at": manifest.made_at,
        "links": manifest.chain.size,
        "chain_head": manifest.chain.head,
    }
    log.append(RESTORED, actor=None, details=details)


def _claims() -> list[Claim]:
    held = PromptRequest.objects.filter(status=Status.GENERATING).order_by("pk")[:AT_A_TIME]
    rows = held.values_list("pk", "lease_token", "attempt_count")
    # What the call was of is of no matter to who gives it back.
    return [Claim(*row, model="", prompt_type="", prompt_text="", parameters={}) for row in rows]


def _readings() -> list[Reading]:
    held = DocumentFile.objects.filter(state=ReadingState.READING).order_by("pk")[:AT_A_TIME]
    return [Reading(*row) for row in held.values_list("pk", "lease_token", "sha256")]
