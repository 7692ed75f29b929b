"""`make soak MINUTES=30 [SEED=n] [KEEP=folder]`: exit code 1 where a rule was broken or a limit passed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.soak.faults import USUAL_SEED
from benchmarks.soak.run import soak


def main() -> int:
    """Run in a folder of its own, which is kept where one was named."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=30, help="how long there is load; a fault comes every minute")
    parser.add_argument("--seed", type=int, default=USUAL_SEED, help="which faults and which load")
    parser.add_argument("--keep", type=Path, help="leave data, logs, journal and samples in this new folder")
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(mode=0o711, parents=True)
        return soak(options.keep.resolve(), minutes=options.minutes, seed=options.seed)
    with tempfile.TemporaryDirectory(prefix="apm-soak-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        return soak(Path(folder), minutes=options.minutes, seed=options.seed)


if __name__ == "__main__":
    sys.exit(main())
