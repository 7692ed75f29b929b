"""What can go wrong with a backup, in a sentence that says what to do."""

from __future__ import annotations

DONE, DAMAGED, REFUSED, INCOMPLETE, UNUSABLE = 0, 1, 2, 3, 64


class BackupError(Exception):
    """It could not be done. `exit_code` is that of the command; the text is meant for the operator."""

    exit_code = DAMAGED


class Damaged(BackupError):
    """The file is not what was written: cut short, changed, or no backup at all."""


class Refused(BackupError):
    """It may not be done as asked. Nothing was touched."""

    exit_code = REFUSED


class Unusable(BackupError):
    """What is needed for it is not here. Nothing was touched."""

    exit_code = UNUSABLE
