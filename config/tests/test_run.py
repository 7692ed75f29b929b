"""`manage.py run` with real processes: start, stop, kill, start again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.tests.running import (
    PROJECT,
    Run,
    free_port,
    have_ended,
    make_environment,
    make_folder,
    manage,
    users_of,
)

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

StartRun = Callable[..., Run]
PLAIN_ACCOUNT = "daemon"


@pytest.fixture(scope="module")
def first() -> Iterator[Run]:
    """The first start of an installation, which was stopped again."""
    folder = make_folder()
    with Run(make_environment(folder / ".data")) as run:
        run.wait_until_ready()
        run.wait_for("Password")
        assert run.stop() == 0
    yield run
    shutil.rmtree(folder)


@pytest.fixture
def environment(first: Run) -> dict[str, str]:
    """Of an installation that exists, for the next start."""
    return first.environment


@pytest.fixture(scope="module")
def running(first: Run) -> Iterator[Run]:
    """A second start, on a copy of the data, for all tests that leave it running."""
    folder = make_folder()
    subprocess.run(["cp", "-a", first.environment["DATA_DIR"], folder], check=True)
    with Run(make_environment(folder / ".data")) as run:
        run.wait_until_ready()
        yield run
        run.stop()
    shutil.rmtree(folder)


@pytest.fixture
def start() -> Iterator[StartRun]:
    with ExitStack() as stack:
        yield lambda environment, **options: stack.enter_context(Run(environment, **options))


def test_the_first_start_makes_an_administrator_and_private_secrets(first: Run) -> None:
    data = Path(first.environment["DATA_DIR"])
    password = (data / "admin-password").read_text().strip()

    assert first.output.count(password) == 1
    assert len(password) >= 20
    for name in ("admin-password", "secret-key", "jwt-signing-key"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600


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

    assert users_of(run.family()) == {account.pw_uid}
    assert stat.S_IMODE((project / ".data").stat().st_mode) == 0o700
    assert run.status("/readyz") == 200
    assert run.stop() == 0
    shutil.rmtree(home)


def test_it_says_where_to_go_and_each_line_says_who_wrote_it(running: Run) -> None:
    running.wait_for(f"DATA_DIR={running.environment['DATA_DIR']} .venv/bin/python manage.py ask")
    address = f"http://127.0.0.1:{running.environment['PORT']}"

    assert f"{address}/admin/" in running.output
    assert f"{address}/api/docs/" in running.output
    assert {line.partition(" |")[0].strip() for line in running.lines} <= {"run", "web", "worker", "scheduler"}


def test_a_second_start_makes_nothing_anew(running: Run) -> None:
    assert "Password" not in running.output
    assert "tables up to date" not in running.output
    assert "static files" not in running.output


def test_a_second_run_on_the_same_data_is_refused(running: Run) -> None:
    refused = manage(running.environment | {"PORT": str(free_port())}, "run")

    assert refused.returncode == 1
    assert "The project is running already" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert running.status("/readyz") == 200


def test_commands_in_a_second_shell_find_the_servers(running: Run) -> None:
    found = manage(running.environment, "ensure_admin")

    assert found.stdout == "There is an administrator already.\n"


@pytest.mark.parametrize(("name", "argument"), [("web", "granian"), ("worker", "worker"), ("scheduler", "beat")])
def test_a_child_that_is_killed_is_started_again(running: Run, name: str, argument: str) -> None:
    victim = running.child(argument)
    family = [victim, *victim.children(recursive=True)]
    victim.kill()
    running.wait_for(f"{name} ended (killed by SIGKILL); starting it again")

    assert have_ended(family, seconds=5)


def test_servers_that_are_killed_are_started_again(running: Run) -> None:
    servers = running.servers()
    for server in servers:
        server.kill()
    running.wait_for("The postgres server has ended; starting it again")
    running.wait_for("The valkey server has ended; starting it again")

    assert len(servers) == 2
    assert manage(running.environment, "migrate", "--check").returncode == 0
