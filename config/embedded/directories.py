"""Makes the folders that the embedded servers need.

Never changes the mode or owner of a folder above `data_dir`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from config.embedded.accounts import Account
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import SYSTEM_DIR, EmbeddedPaths

PRIVATE = 0o700
PASSABLE = 0o711


def prepare(paths: EmbeddedPaths, account: Account | None) -> None:
    """Make the folders that hold the servers' folders, and the link to data that lies elsewhere."""
    _ensure_passable(paths.data_dir, PRIVATE if account is None else PASSABLE)
    if SYSTEM_DIR in paths.base.parents or SYSTEM_DIR in paths.socket_base.parents:
        prepare_system_dir(paths)
    if paths.base != paths.data_dir:
        _link(paths.data_dir / "postgres", paths.postgres_dir)
    if paths.socket_base not in {paths.base, paths.system_dir}:
        make_private(paths.socket_base, None)


def prepare_system_dir(paths: EmbeddedPaths) -> None:
    """Make this installation's folder outside the project. Raises EmbeddedServerError unless run by root."""
    if os.geteuid() != 0:
        raise EmbeddedServerError(
            f"The data of {paths.data_dir} was made by root and lies in {paths.base}. "
            "Start as root, or set DATA_DIR to another folder."
        )
    for folder in (SYSTEM_DIR, paths.system_dir):
        _ensure_passable(folder, PASSABLE)


def make_private(folder: Path, account: Account | None) -> None:
    """Make `folder` with mode 0700 for the account that runs the server.

    Raises EmbeddedServerError where it exists and is somebody else's: data or a socket of theirs is not
    touched.
    """
    uid = os.geteuid() if account is None else account.uid
    folder.parent.mkdir(exist_ok=True)
    try:
        folder.mkdir(mode=PRIVATE)
    except FileExistsError:
        _refuse_foreign(folder, uid)
    else:
        if account is not None:
            os.chown(folder, account.uid, account.gid)
    folder.chmod(PRIVATE)


def _refuse_foreign(folder: Path, uid: int) -> None:
    status = folder.lstat()
    if status.st_uid != uid or not stat.S_ISDIR(status.st_mode):
        raise EmbeddedServerError(
            f"{folder} belongs to user {status.st_uid}, but the server runs as user {uid}. "
            "Start as the user who started first, or set DATA_DIR to a folder of your own."
        )


def _ensure_passable(folder: Path, mode: int) -> None:
    """`folder` exists and lets through whom `mode` lets through; what it allows already stays allowed."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    present = stat.S_IMODE(folder.stat().st_mode)
    if present | mode != present:
        folder.chmod(present | mode)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        return
    if link.exists():
        raise EmbeddedServerError(
            f"{link} holds the database, but its account can no longer enter the folders above it. "
            f"Move it with `mv {link} {target}`, or let others pass through those folders (chmod o+x)."
        )
    link.symlink_to(target)
