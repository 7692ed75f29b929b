"""Where the embedded servers keep their data and sockets. Pure: looks at the file system, changes nothing."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.embedded.accounts import server_account

# unix(7): sun_path holds 108 bytes with the closing NUL on Linux, 104 on macOS.
SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103
SYSTEM_DIR = Path("/var/lib/ai-prompt-manager")
POSTGRES_SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class EmbeddedPaths:
    """Every location, derived from `data_dir` alone, so that any process finds what another one started.

    Data lies in `data_dir`. Started by root, the servers run under an unprivileged account; where that
    account can't reach `data_dir` (a project under /root), the data lies in SYSTEM_DIR, and a link in
    `data_dir` says so.
    """

    data_dir: Path

    @cached_property
    def key(self) -> str:
        """Names this installation where several of them share a folder."""
        return hashlib.sha256(os.fsencode(self.data_dir.resolve())).hexdigest()[:12]

    @property
    def system_dir(self) -> Path:
        """This installation's folder outside the project, used by root only."""
        return SYSTEM_DIR / self.key

    @cached_property
    def base(self) -> Path:
        """The folder that holds the servers' data: `data_dir`, or `system_dir` where it can't be reached."""
        link = self.data_dir / "postgres"
        if link.is_symlink():
            return link.readlink().parent
        account = server_account()
        if account is None or account.can_enter(self.data_dir.parent):
            return self.data_dir
        return self.system_dir

    @cached_property
    def socket_base(self) -> Path:
        """The folder that holds the sockets: `base`, or a short one where the path would be too long."""
        longest = self.base / "postgres-socket" / POSTGRES_SOCKET_NAME
        if len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT:
            return self.base
        if os.geteuid() == 0:
            return self.system_dir
        return Path("/tmp") / f"ai-prompt-manager-{os.geteuid()}-{self.key}"  # noqa: S108 - owner and mode are checked

    @property
    def postgres_dir(self) -> Path:
        """PostgreSQL's data directory."""
        return self.base / "postgres"

    @property
    def postgres_socket_dir(self) -> Path:
        """What libpq takes as `host`."""
        return self.socket_base / "postgres-socket"

    @property
    def valkey_dir(self) -> Path:
        """Valkey's working directory; nothing is kept in it."""
        return self.base / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's only way in."""
        return self.socket_base / "valkey-socket" / "valkey.sock"

    def key_file(self, name: str) -> Path:
        """A generated secret, always in `data_dir`."""
        return self.data_dir / name
