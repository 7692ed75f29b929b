"""Which account runs the embedded servers.

PostgreSQL refuses to run as root, so root hands over to `nobody`.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from config.embedded.exceptions import EmbeddedServerError

UNPRIVILEGED_ACCOUNT = "nobody"


@dataclass(frozen=True)
class Account:
    """An unprivileged account, without supplementary groups."""

    name: str
    uid: int
    gid: int

    def may(self, path: Path, wanted: int) -> bool:
        """Whether the mode bits of `path` grant `wanted` (some of `os.R_OK | os.W_OK | os.X_OK`)."""
        status = path.stat()
        if status.st_uid == self.uid:
            granted = status.st_mode >> 6
        elif status.st_gid == self.gid:
            granted = status.st_mode >> 3
        else:
            granted = status.st_mode
        return granted & wanted == wanted

    def can_enter(self, folder: Path) -> bool:
        """Whether every existing folder from the root down to `folder` lets this account through."""
        resolved = folder.resolve()
        chain = (resolved, *resolved.parents)
        return all(self.may(part, os.X_OK) for part in chain if part.exists())

    def can_read(self, path: Path) -> bool:
        """Whether this account can open `path`, and run it where its owner can."""
        wanted = os.R_OK | (os.X_OK if path.stat().st_mode & stat.S_IXUSR else 0)
        return self.can_enter(path.parent) and self.may(path, wanted)


def server_account() -> Account | None:
    """The account to switch to, or None where the current user runs the servers.

    Raises EmbeddedServerError as root on a machine without an unprivileged account.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(UNPRIVILEGED_ACCOUNT)
    except KeyError as error:
        raise EmbeddedServerError(
            f"PostgreSQL doesn't run as root, and there is no account {UNPRIVILEGED_ACCOUNT!r} to run it. "
            "Start as a plain user, or set DATABASE_URL and REDIS_URL."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
