"""Telling the workers that there is something to read, or a batch to go on with.

As with requests, the message is a hint: a worker that hears nothing looks for itself every second.
"""

from __future__ import annotations

import logging

from celery import current_app

from prompts.publisher import MESSAGE_LIFETIME_SECONDS, Publisher

logger = logging.getLogger(__name__)

LOOK_FOR_WORK = "documents.tasks.look_for_work"


class Announcer(Publisher):
    """Sends the message that wakes the readers."""

    def _send(self) -> bool:
        try:
            current_app.send_task(LOOK_FOR_WORK, retry=False, expires=MESSAGE_LIFETIME_SECONDS, ignore_result=True)
        except Exception as error:  # noqa: BLE001 (whatever the transport raises, the rows are safe and will be found)
            logger.warning("The broker took no message (%s); workers find the documents by themselves.", error)
            return False
        return True


_announcer = Announcer()


def announce() -> None:
    """Tell the workers that there is something to do. Call it on commit."""
    _announcer.announce()
