"""What the three commands share: a server to work with, and how they end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import DatabaseError

from config.backups.exceptions import DAMAGED, UNUSABLE, BackupError

STOPPED = 130


@contextmanager
def ending_well() -> Iterator[None]:
    """What goes wrong inside ends the command with a sentence and an exit code; TERM does what Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    except BackupError as error:
        raise CommandError(str(error), returncode=error.exit_code) from error
    except ImproperlyConfigured as error:
        raise CommandError(str(error), returncode=UNUSABLE) from error
    except (DatabaseError, OSError) as error:
        raise CommandError(f"It has failed: {str(error).strip()}", returncode=DAMAGED) from error
    except KeyboardInterrupt:
        raise CommandError("Stopped.", returncode=STOPPED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
