"""`manage.py run` with real processes: start, stop, kill, start again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.tests.running import PROJECT, Run, have_ended

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

StartRun = Callable[..., Run]
PLAIN_ACCOUNT = "daemon"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_environment(data_dir: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(data_dir),
        "PORT": str(free_port()),
        "WEB_WORKERS": "1",
    }


def make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="aipm-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """An installation that was started and stopped once, for all tests that need one that exists."""
    folder = make_folder()
    environment = make_environment(folder / ".data")
    with Run(environment) as run:
        run.wait_until_ready()
        assert run.stop() == 0
    yield environment
    shutil.rmtree(folder)


@pytest.fixture
def start() -> Iterator[StartRun]:
    with ExitStack() as stack:
        yield lambda environment, **options: stack.enter_context(Run(environment, **options))


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_the_first_start_makes_an_administrator_and_private_secrets(start: StartRun) -> None:
    folder = make_folder()
    data = folder / ".data"
    run = start(make_environment(data))
    run.wait_until_ready()
    run.wait_for("Password")
    password = (data / "admin-password").read_text().strip()

    assert run.output.count(password) == 1
    assert len(password) >= 20
    for name in ("admin-password", "secret-key", "jwt-signing-key"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
    run.stop()
    shutil.rmtree(folder)


def test_it_says_where_to_go_and_each_line_says_who_wrote_it(environment: dict[str, str], start: StartRun) -> None:
    run = start(environment)
    run.wait_until_ready()
    run.wait_for(f"DATA_DIR={environment['DATA_DIR']} .venv/bin/python manage.py ask")
    address = f"http://127.0.0.1:{environment['PORT']}"

    assert f"{address}/admin/" in run.output
    assert f"{address}/api/docs/" in run.output
    assert {line.partition(" |")[0].strip() for line in run.lines} <= {"run", "web", "worker", "scheduler"}
    run.stop()


def test_a_second_start_makes_nothing_anew(environment: dict[str, str], start: StartRun) -> None:
    run = start(environment)
    run.wait_until_ready()

    assert "Password" not in run.output
    assert "tables up to date" not in run.output
    assert "static files" not in run.output
    run.stop()


@pytest.mark.parametrize("way", ["TERM to the supervisor", "INT to the supervisor", "Ctrl-C to the group"])
def test_it_stops_everything_within_seconds(environment: dict[str, str], start: StartRun, way: str) -> None:
    run = start(environment)
    run.wait_until_ready()
    family = run.family()
    if way == "Ctrl-C to the group":
        code = run.interrupt_group(seconds=15)
    else:
        code = run.stop(signal.SIGTERM if way.startswith("TERM") else signal.SIGINT, seconds=15)

    assert code == 0, run.output
    assert len(family) > 6
    assert have_ended(family, seconds=1)


def test_a_killed_group_leaves_nothing_and_starts_again(environment: dict[str, str], start: StartRun) -> None:
    first = start(environment)
    first.wait_until_ready()
    family = first.family()
    first.kill_group()
    second = start(environment)
    second.wait_until_ready()

    assert have_ended(family, seconds=10)
    assert second.status("/readyz") == 200
    assert second.stop() == 0


def test_a_killed_supervisor_takes_everything_with_it(environment: dict[str, str], start: StartRun) -> None:
    run = start(environment)
    run.wait_until_ready()
    family = run.family()
    run.process.kill()

    assert have_ended(family, seconds=40)


def test_a_second_run_on_the_same_data_is_refused(environment: dict[str, str], start: StartRun) -> None:
    run = start(environment)
    run.wait_until_ready()
    refused = manage(environment | {"PORT": str(free_port())}, "run")

    assert refused.returncode == 1
    assert "The project is running already" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert run.status("/readyz") == 200
    run.stop()


def test_a_taken_port_is_told_before_anything_is_started(environment: dict[str, str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        refused = manage(environment | {"PORT": str(port)}, "run")

    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in refused.stderr
    assert f"PORT={port + 1} make run" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("argument", ["granian", "worker", "beat"])
def test_a_child_that_is_killed_is_started_again(environment: dict[str, str], start: StartRun, argument: str) -> None:
    run = start(environment)
    run.wait_until_ready()
    victim = run.child(argument)
    family = [victim, *victim.children(recursive=True)]
    victim.kill()
    run.wait_for("starting it again")

    assert "killed by SIGKILL" in run.output
    assert have_ended(family, seconds=5)
    run.stop()


def test_servers_that_are_killed_are_started_again(environment: dict[str, str], start: StartRun) -> None:
    run = start(environment)
    run.wait_until_ready()
    for child in run.family():
        if child.name() in {"postgres", "valkey-server"} and child.ppid() == run.process.pid:
            child.kill()
    run.wait_for("The postgres server has ended; starting it again")
    run.wait_for("The valkey server has ended; starting it again")

    assert manage(environment, "migrate", "--check").returncode == 0
    run.stop()


def test_commands_in_a_second_shell_find_the_servers(environment: dict[str, str], start: StartRun) -> None:
    run = start(environment)
    run.wait_until_ready()
    found = manage(environment, "ensure_admin")

    assert found.stdout == "There is an administrator already.\n"
    run.stop()


def test_commands_without_servers_say_what_to_start(environment: dict[str, str]) -> None:
    refused = manage(environment, "ensure_admin")

    assert refused.returncode == 1
    assert "Start the project with `make run`" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_wrong_setting_is_told_in_a_sentence(environment: dict[str, str]) -> None:
    refused = manage(environment | {"PORT": "http"}, "run")

    assert refused.returncode == 1
    assert "PORT='http' is not usable" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="a plain user runs all the other tests as such")
def test_a_plain_user_runs_everything_in_a_copy_of_their_own(start: StartRun) -> None:
    account = pwd.getpwnam(PLAIN_ACCOUNT)
    home = make_folder()
    project = home / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".git", ".venv", ".data", ".*_cache", "tests"))
    for path in (home, project, *project.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    environment = make_environment(project / ".data") | {"PYTHONDONTWRITEBYTECODE": "1"}
    # The interpreter of the tests may lie in root's home: this lets the plain user read it, and write nothing more.
    read_anything = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    become = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *read_anything]
    run = start(environment, project=project, prefix=become)
    run.wait_until_ready()

    assert {process.uids().effective for process in run.family()} == {account.pw_uid}
    assert stat.S_IMODE((project / ".data").stat().st_mode) == 0o700
    assert run.status("/readyz") == 200
    assert run.stop() == 0
    shutil.rmtree(home)
