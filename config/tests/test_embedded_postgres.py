"""The embedded PostgreSQL as a real server: data survives, a killed one recovers, others are left alone."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import DATABASE, EmbeddedPostgres
from config.embedded.processes import kill_all, running_in, wait_until

pytestmark = pytest.mark.serial

STARTER = """
import sys, time
from pathlib import Path
from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import EmbeddedPostgres
EmbeddedPostgres(EmbeddedPaths(Path(sys.argv[1])), durable=False).start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def postgres(embedded_paths: EmbeddedPaths) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(embedded_paths, durable=False) as server:
        yield server


def server_processes(paths: EmbeddedPaths) -> int:
    return len(running_in(paths.postgres_dir, "postgres"))


def remember(server: EmbeddedPostgres) -> None:
    with server.connect(DATABASE) as connection:
        connection.execute("CREATE TABLE memory AS SELECT 42 AS answer")


def recall(server: EmbeddedPostgres) -> int:
    with server.connect(DATABASE) as connection:
        row = connection.execute("SELECT answer FROM memory").fetchone()
    assert row is not None
    return int(row[0])


def start_elsewhere(paths: EmbeddedPaths) -> subprocess.Popen[str]:
    """A process that starts the server and then does nothing but live."""
    command = [sys.executable, "-c", STARTER, str(paths.data_dir)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_the_first_start_makes_a_unicode_database_that_waits_for_the_disk(
    embedded_paths: EmbeddedPaths,
) -> None:
    with EmbeddedPostgres(embedded_paths) as server, server.connect(DATABASE) as connection:
        row = connection.execute(
            "SELECT current_setting('server_encoding'), upper('é'), current_setting('fsync'), "
            "current_setting('synchronous_commit'), current_setting('full_page_writes')"
        ).fetchone()

    assert row == ("UTF8", "É", "on", "on", "on")


def test_it_listens_on_its_socket_only_and_lets_in_its_owner_only(postgres: EmbeddedPostgres) -> None:
    with postgres.connect() as connection:
        row = connection.execute("SELECT current_setting('listen_addresses')").fetchone()

    assert row == ("",)
    assert stat.S_IMODE(postgres.socket_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.working_dir.stat().st_mode) == 0o700


def test_a_second_start_finds_the_data(postgres: EmbeddedPostgres) -> None:
    remember(postgres)
    postgres.stop()
    postgres.start()

    assert recall(postgres) == 42


def test_stopping_leaves_no_process_behind(postgres: EmbeddedPostgres, embedded_paths: EmbeddedPaths) -> None:
    postgres.stop()

    assert server_processes(embedded_paths) == 0


def test_a_server_killed_with_all_its_processes_recovers(
    postgres: EmbeddedPostgres, embedded_paths: EmbeddedPaths
) -> None:
    remember(postgres)
    kill_all(running_in(embedded_paths.postgres_dir, "postgres"))
    postgres.start()

    assert recall(postgres) == 42


def test_a_killed_main_process_recovers_while_its_orphans_still_end(postgres: EmbeddedPostgres) -> None:
    remember(postgres)
    assert postgres.process is not None
    os.kill(postgres.process.pid, signal.SIGKILL)
    postgres.start()

    assert recall(postgres) == 42


def test_a_stale_lock_with_the_process_id_of_somebody_else_is_no_obstacle(postgres: EmbeddedPostgres) -> None:
    remember(postgres)
    kill_all(running_in(postgres.working_dir, "postgres"))
    account = postgres.account
    bystander = subprocess.Popen(["sleep", "600"], user=account.uid if account else None)
    try:
        lines = postgres.pid_file.read_text().splitlines()
        postgres.pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        postgres.start()

        assert recall(postgres) == 42
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_that_runs_already_is_used_and_left_running(
    postgres: EmbeddedPostgres, embedded_paths: EmbeddedPaths
) -> None:
    remember(postgres)
    with EmbeddedPostgres(embedded_paths) as second:
        assert recall(second) == 42
        assert second.process is None

    assert recall(postgres) == 42


def test_the_server_ends_when_its_starter_is_killed(embedded_paths: EmbeddedPaths) -> None:
    starter = start_elsewhere(embedded_paths)
    starter.kill()
    starter.communicate()

    assert wait_until(lambda: server_processes(embedded_paths) == 0, seconds=20)


def test_a_start_right_after_the_starter_was_killed_gets_a_server_that_stays(
    embedded_paths: EmbeddedPaths,
) -> None:
    starter = start_elsewhere(embedded_paths)
    starter.kill()
    starter.communicate()

    with EmbeddedPostgres(embedded_paths, durable=False) as server:
        assert not wait_until(lambda: not server.is_running(), seconds=1)


def test_an_initialisation_that_was_cut_short_is_done_again(embedded_paths: EmbeddedPaths) -> None:
    draft = embedded_paths.data_dir / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(embedded_paths, durable=False) as server:
        assert server.is_healthy()


def test_data_of_another_version_is_refused_with_what_to_do(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    (postgres.working_dir / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedServerError, match=r"written by PostgreSQL 17, this is 18\. Dump it"):
        postgres.start()


def test_a_start_that_fails_tells_what_the_server_said(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    with (postgres.working_dir / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = nonsense\n")

    with pytest.raises(EmbeddedServerError, match="nonsense"):
        postgres.start()


def test_the_server_sees_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch, embedded_paths: EmbeddedPaths
) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    with EmbeddedPostgres(embedded_paths, durable=False) as server:
        assert server.process is not None
        environment = Path(f"/proc/{server.process.pid}/environ").read_bytes()

    assert b"canary" not in environment
