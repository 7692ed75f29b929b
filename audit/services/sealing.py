"""Giving entries their places in the chain, and signing how far it goes."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from audit import chain, checkpoints

logger = logging.getLogger(__name__)

# What the sealer looks at every second: one look into two small indexes.
_IS_IDLE = """
    SELECT NOT EXISTS (SELECT FROM audit_unsealed) AND coalesce(
        (SELECT max(seq) FROM audit_links) = (SELECT size FROM audit_checkpoints ORDER BY id DESC LIMIT 1),
        NOT EXISTS (SELECT FROM audit_links))
"""


def seal() -> int:
    """Link every entry that waits, in transactions of a bounded size; how many.

    0 as well where another process is at it.
    """
    sealed = 0
    while linked := chain.link_waiting():
        sealed += linked
        if linked < chain.BATCH:
            break
    if sealed:
        for contradiction in checkpoints.contradictions():
            logger.error("The audit log is not as it was: %s. Run manage.py verify_audit.", contradiction)
    return sealed


def checkpoint(*, at_once: bool = False) -> bool:
    """Sign how far the chain goes where that is due, and copy it to the file; whether it was.

    Neither a missing key nor a file that can't be written keeps entries from being sealed: both are logged.
    """
    try:
        written = checkpoints.write_due(at_once=at_once)
        if written is not None:
            checkpoints.copy_to_file(settings.AUDIT_CHECKPOINT_FILE)
    except (OSError, ImproperlyConfigured) as error:
        logger.error("The audit log's checkpoint can't be signed, or not be kept in its file: %s", error)
        return False
    return written is not None


def seal_and_checkpoint() -> int:
    """What the sealer does every second; how many entries got their place. Cheap where there is nothing to do."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_IDLE)
        (idle,) = cursor.fetchone() or (False,)
    if idle:
        return 0
    sealed = seal()
    checkpoint()
    return sealed
