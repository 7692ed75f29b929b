"""What `trying` runs on a database that came out of a backup: `python -m config.backups.proving [KEY…]`.

In a process of its own, which knows nothing of this installation: DATA_DIR names the throw-away one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import django


def prove(public_keys: Sequence[str]) -> int:
    """Bring the tables up to date and verify the audit log; prints what was found, and returns the exit code.

    What waited for its place at the time of the backup gets it first, as it would after a restore.
    """
    from audit.services import sealing
    from audit.services.verification import verify
    from config.bootstrap import migrate

    migrate()
    sealing.seal()
    verification = verify(public_keys=public_keys)
    sys.stdout.writelines(f"{line}\n" for line in verification.report.lines())
    sys.stdout.write(f"Audit log in it: {verification.chain.summary()}\n")
    return verification.report.exit_code


if __name__ == "__main__":
    django.setup()
    sys.exit(prove(sys.argv[1:]))
