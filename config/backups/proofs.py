"""What a restore puts into the folder of the installation: checkpoints, public keys, and secret ones if it is said."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit import keys
from audit.verifier import keyring
from audit.whole_files import sync_folder
from config.backups import archive
from config.backups.checking import Backup
from config.backups.exceptions import Damaged
from config.backups.progress import Say
from config.embedded.secrets import write_new_secret

BEFORE = "before-restore"


def believe_keys(backup: Backup) -> None:
    """Have checkpoints that were signed where the backup was made be checked with the keys of there."""
    try:
        ring = keyring(backup.text(archive.PUBLIC_KEYS).split())
    except ValueError as error:
        raise Damaged("It holds what is no public key.") from error
    for key in ring.values():
        keys.remember(key)


def bring_checkpoints(backup: Backup) -> Path | None:
    """Put the backup's checkpoints in the place of those that are here, which know more than the database now does.

    Returns where those lie now. Raises OSError.
    """
    path: Path = settings.AUDIT_CHECKPOINT_FILE
    moved = _move_aside(path)
    if archive.CHECKPOINTS in backup:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(backup.open(archive.CHECKPOINTS), file)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    return moved


def bring_keys(backup: Backup, say: Say) -> None:
    """Put the backup's secret keys in the place of those that are here. Raises OSError and ImproperlyConfigured."""
    for name in archive.KEYS:
        variable = Path(name).name.upper().replace("-", "_")
        if os.environ.get(variable):
            say(f"Notice: {variable} is set, so the key of the backup is not used.")
            continue
        path = settings.DATA_DIR / Path(name).name
        _move_aside(path)
        if not write_new_secret(path, backup.text(name).strip()):
            raise ImproperlyConfigured(f"{path} was made by somebody else meanwhile. Stop them, and try again.")


def _move_aside(path: Path) -> Path | None:
    """Give what is there another name beside it; which one."""
    if not path.exists():
        return None
    names = (f"{path.stem}.{BEFORE}{f'-{number}' if number > 1 else ''}{path.suffix}" for number in count(1))
    free = next(other for name in names if not (other := path.with_name(name)).exists())
    path.rename(free)
    return free
