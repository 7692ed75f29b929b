"""`manage.py run` with real processes: start, stop, kill, start again."""

from __future__ import annotations

import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from config.embedded.processes import wait_until
from config.handler import ANSWERS_A_CONNECTION
from config.tests.running import (
    Run,
    free_port,
    have_ended,
    make_environment,
    make_folder,
    manage,
)

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

StartRun = Callable[..., Run]


@dataclass
class Ending:
    """How a run has ended that was told to."""

    code: int
    processes: int
    leaves_nothing: bool


def end(run: Run, way: Callable[..., int]) -> Ending:
    """Stop it in a way that takes `seconds` at most, and look at what is left one second later."""
    family = run.family()
    return Ending(way(seconds=15), len(family), have_ended(family, seconds=1))


def assert_everything_stopped(ending: Ending, run: Run) -> None:
    assert ending.code == 0, run.output
    assert ending.processes > 6
    assert ending.leaves_nothing


@pytest.fixture(scope="module")
def stopped() -> Iterator[tuple[Run, Ending]]:
    """The first start of an installation, which TERM has stopped, and how that went."""
    folder = make_folder()
    with Run(make_environment(folder / ".data")) as run:
        run.wait_until_ready()
        run.wait_for("Password")
        ending = end(run, run.stop)
    yield run, ending
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first(stopped: tuple[Run, Ending]) -> Run:
    """The first start of an installation, which was stopped again."""
    return stopped[0]


@pytest.fixture
def environment(first: Run) -> dict[str, str]:
    """Of an installation that exists, for the next start."""
    return first.environment


@pytest.fixture(scope="module")
def running(first: Run) -> Iterator[Run]:
    """A second start, on a copy of the data, for all tests that leave it running, and for the last, which ends it."""
    folder = make_folder()
    subprocess.run(["cp", "-a", first.environment["DATA_DIR"], folder], check=True)
    with Run(make_environment(folder / ".data")) as run:
        run.wait_until_ready()
        yield run
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


def test_term_to_the_supervisor_stops_everything_within_seconds(stopped: tuple[Run, Ending]) -> None:
    run, ending = stopped
    assert_everything_stopped(ending, run)


def test_after_a_killed_group_it_starts_again_and_int_stops_it(environment: dict[str, str], start: StartRun) -> None:
    first = start(environment)
    first.wait_until_ready()
    family = first.family()
    first.kill_group()
    second = start(environment)
    second.wait_until_ready()

    assert have_ended(family, seconds=10)
    assert second.status("/readyz") == 200
    assert_everything_stopped(end(second, partial(second.stop, signal.SIGINT)), second)


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


def test_a_client_is_told_now_and_then_that_its_connection_ends(running: Run) -> None:
    """Its next one may come to another process: after the death of one, the other had all clients for good."""
    client = HTTPConnection("127.0.0.1", int(running.environment["PORT"]), timeout=10)
    with closing(client):
        answers = [ask(client)]
        while not answers[-1].will_close and len(answers) < 20 * ANSWERS_A_CONNECTION:
            answers.append(ask(client))
    assert {answer.status for answer in answers} == {200}
    assert answers[-1].will_close


def ask(client: HTTPConnection) -> HTTPResponse:
    client.request("GET", "/healthz", headers={"Host": "localhost"})
    answer = client.getresponse()
    answer.read()
    return answer


def test_a_web_process_that_is_killed_is_replaced_by_the_web_server(running: Run) -> None:
    web = running.child("granian")
    before = web.children()
    max(before, key=lambda child: child.create_time()).kill()

    assert wait_until(lambda: any(child not in before for child in web.children()), seconds=60)
    assert running.child("granian") == web


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


def test_ctrl_c_to_the_group_stops_everything_within_seconds(running: Run) -> None:
    assert_everything_stopped(end(running, running.interrupt_group), running)
