"""`manage.py run` by somebody who is not root, in a copy of their own."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.tests.running import PROJECT, Run, make_environment, make_folder, users_of

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".data", ".*_cache", "tests")


@pytest.fixture
def account() -> pwd.struct_passwd:
    """One that every Unix has."""
    return pwd.getpwnam("daemon")


@pytest.fixture
def project(account: pwd.struct_passwd) -> Iterator[Path]:
    """A copy of the project that belongs to the account."""
    home = make_folder()
    project = home / "project"
    shutil.copytree(PROJECT, project, ignore=LEFT_OUT)
    for path in (home, project, *project.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    yield project
    shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="a plain user runs all the other tests as such")
def test_a_plain_user_runs_everything_in_a_copy_of_their_own(project: Path, account: pwd.struct_passwd) -> None:
    environment = make_environment(project / ".data") | {"PYTHONDONTWRITEBYTECODE": "1"}
    # The interpreter of the tests may lie in root's home: this lets the plain user read it, and write nothing more.
    read_anything = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    become = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *read_anything]
    with Run(environment, project=project, prefix=become) as run:
        run.wait_until_ready()

        assert users_of(run.family()) == {account.pw_uid}
        assert stat.S_IMODE((project / ".data").stat().st_mode) == 0o700
        assert run.status("/readyz") == 200
        assert run.stop() == 0
