"""Started by root the servers run under another account, and no folder above the data is opened for it."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.embedded import binaries
from config.embedded.accounts import UNPRIVILEGED_ACCOUNT
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(os.geteuid() != 0, reason="a plain user has no account to hand over to"),
]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home directory as root's is: closed to everybody else."""
    folder = Path(tempfile.mkdtemp(prefix="aipm-home-", dir="/tmp"))
    assert mode(folder) == 0o700
    yield folder
    shutil.rmtree(EmbeddedPaths(folder / "project" / ".data").system_dir, ignore_errors=True)
    shutil.rmtree(folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_above(path: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode and owner of every folder above `path` that exists."""
    found = [(parent, parent.stat()) for parent in path.parents if parent.exists()]
    return {parent: (status.st_mode, status.st_uid, status.st_gid) for parent, status in found}


def test_both_servers_run_under_the_unprivileged_account(embedded_paths: EmbeddedPaths) -> None:
    with (
        EmbeddedPostgres(embedded_paths, durable=False) as postgres,
        EmbeddedValkey(embedded_paths) as valkey,
    ):
        assert postgres.process is not None
        assert valkey.process is not None
        for process in (postgres.process, valkey.process):
            assert psutil.Process(process.pid).username() == UNPRIVILEGED_ACCOUNT
            assert Path(f"/proc/{process.pid}/status").read_text().count("\nGroups:\t \n") == 1


def test_a_project_in_a_closed_home_gets_servers_and_the_home_stays_closed(home: Path) -> None:
    project = home / "project"
    project.mkdir()
    paths = EmbeddedPaths(project / ".data")
    before = modes_above(paths.data_dir)

    with EmbeddedPostgres(paths, durable=False) as postgres, EmbeddedValkey(paths) as valkey:
        assert postgres.is_healthy()
        assert valkey.is_healthy()

    assert modes_above(paths.data_dir) == before
    assert mode(home) == 0o700


def test_the_data_of_a_closed_home_is_found_through_a_link(home: Path) -> None:
    paths = EmbeddedPaths(home / "project" / ".data")

    with EmbeddedPostgres(paths, durable=False):
        assert (paths.data_dir / "postgres").resolve() == paths.postgres_dir
        assert (paths.data_dir / "postgres" / "PG_VERSION").exists()
        assert EmbeddedPaths(paths.data_dir).postgres_socket_dir == paths.postgres_socket_dir


def test_no_folder_above_reachable_data_changes(embedded_paths: EmbeddedPaths) -> None:
    before = modes_above(embedded_paths.data_dir)

    with EmbeddedPostgres(embedded_paths, durable=False), EmbeddedValkey(embedded_paths):
        assert modes_above(embedded_paths.data_dir) == before


def test_programs_in_a_closed_home_are_copied_to_where_the_account_can_run_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (binaries.POSTGRES_PACKAGE, binaries.VALKEY_PACKAGE):
        shutil.copytree(binaries._package(name), home / "site" / name)
    libraries = f"{binaries.POSTGRES_PACKAGE}.libs"
    shutil.copytree(binaries._package(binaries.POSTGRES_PACKAGE).parent / libraries, home / "site" / libraries)
    monkeypatch.setattr(binaries, "_package", lambda name: home / "site" / name)
    paths = EmbeddedPaths(home / "project" / ".data")

    with EmbeddedPostgres(paths, durable=False) as postgres, EmbeddedValkey(paths) as valkey:
        assert paths.system_dir in Path(postgres.command()[0]).parents
        assert paths.system_dir in Path(valkey.command()[0]).parents
    assert mode(home) == 0o700


def test_the_account_can_change_neither_its_programs_nor_what_is_beside_its_data(home: Path) -> None:
    paths = EmbeddedPaths(home / "project" / ".data")

    with EmbeddedPostgres(paths, durable=False) as postgres:
        assert postgres.account is not None
        assert not postgres.account.may(paths.system_dir, os.W_OK)
        assert not postgres.account.may(paths.system_dir.parent, os.W_OK)


def test_data_that_belongs_to_somebody_else_is_left_alone(embedded_paths: EmbeddedPaths) -> None:
    embedded_paths.data_dir.mkdir()
    embedded_paths.postgres_socket_dir.mkdir()
    os.chown(embedded_paths.postgres_socket_dir, 12345, 12345)

    with pytest.raises(EmbeddedServerError, match="belongs to user 12345"):
        EmbeddedPostgres(embedded_paths).start()
