"""Servers for the tests: one PostgreSQL for the whole run, one Valkey for each of its processes.

They lie in a short folder under /tmp, listen on unix sockets only, and end with the run, also when it is
killed. Nothing of the developer's own installation is used: no `.env`, no `.data`, no key of a vendor.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
import pytest

from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import DATABASE, USER, EmbeddedPostgres
from config.embedded.processes import exclusive
from config.embedded.server import EmbeddedServer
from config.embedded.valkey import EmbeddedValkey

if TYPE_CHECKING:
    from django.conf import LazySettings

pytest_plugins = ["config.tests.collecting"]

IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ
# A variable of one of these families can be set for a server or a vendor of any name.
FOREIGN_FAMILIES = ("LLM_ENDPOINT_", "CELERY_")
# These are for the test run itself.
KEPT = {"TEST_DATABASE_URL", "REQUIRE_BROWSER", "REQUIRE_MACHINES", "SCREENSHOTS", "SCANS", "API_EXAMPLES", "NO_COLOR"}
DOCUMENTED = re.compile(r"^# ([A-Z][A-Z0-9_]+)=", re.MULTILINE)
STARTED: list[EmbeddedServer] = []


#: The migrations tell the log of the roles that they make; every test begins with an empty one.
EMPTY_LOG = """
    SET session_replication_role = replica;
    DELETE FROM audit_unsealed; DELETE FROM audit_logs;
    RESET session_replication_role
"""


def make_server_folder() -> Path:
    """A folder that the servers' account can reach, with a name short enough for sockets in it."""
    folder = Path(tempfile.mkdtemp(prefix="aipm-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


def prepare_environment() -> None:
    """What the settings read, here and in the processes that are started from here."""
    documented = set(DOCUMENTED.findall(Path(__file__).with_name(".env.example").read_text("utf-8"))) - KEPT
    for name in list(os.environ):
        if name in documented or name.startswith(FOREIGN_FAMILIES):
            del os.environ[name]
    folder = make_server_folder()
    sockets = EmbeddedPaths(folder / "main").postgres_socket_dir
    os.environ["TEST_SERVER_FOLDER"] = str(folder)
    os.environ["DATA_DIR"] = str(folder / "main")
    os.environ["ENV_FILE"] = os.devnull
    embedded_url = f"postgres://{USER}@/{DATABASE}?host={sockets}"
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or embedded_url
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


if not IS_XDIST_WORKER:
    prepare_environment()
    # Here rather than in a hook: the conftest modules of the apps import models.
    django.setup()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.option.help or config.option.version or config.option.collectonly:
        return
    paths = EmbeddedPaths(Path(os.environ["DATA_DIR"]))
    if not IS_XDIST_WORKER and "TEST_DATABASE_URL" not in os.environ:
        STARTED.append(EmbeddedPostgres(paths, durable=False))
    STARTED.append(EmbeddedValkey(paths))
    for server in STARTED:
        server.start()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    """Give each worker process a data folder, and so a Valkey, of its own."""
    folder = os.environ["TEST_SERVER_FOLDER"]
    for number, spec in enumerate(specs):
        specs[number] = type(spec)(f"{spec}//env:DATA_DIR={folder}/gw{number}")


def pytest_unconfigure() -> None:
    if not IS_XDIST_WORKER and "TEST_DATABASE_URL" in os.environ:
        drop_template()
    for server in reversed(STARTED):
        server.stop()
    STARTED.clear()
    if not IS_XDIST_WORKER:
        shutil.rmtree(os.environ["TEST_SERVER_FOLDER"], ignore_errors=True)


@pytest.fixture
def child_environment(settings: LazySettings) -> dict[str, str]:
    """The environment for processes that shall work on this test's own database and Valkey."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = settings.DATABASES["default"]["NAME"]
    return dict(os.environ, DATABASE_URL=urlunsplit(address._replace(path=f"/{name}")))


@pytest.fixture
def embedded_paths() -> Iterator[EmbeddedPaths]:
    """Paths for servers that a test starts, kills and stops by itself."""
    folder = make_server_folder()
    yield EmbeddedPaths(folder / ".data")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each process copies a database in which one of them has made the tables, rather than making them all."""
    from django.conf import settings

    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = migrated_template()


def migrated_template() -> str:
    """The name of a database with all tables, on the server of this run; made by whichever process asks first."""
    folder = Path(os.environ["TEST_SERVER_FOLDER"])
    with exclusive(folder / "template.lock"):
        if not (folder / "template.made").exists():
            make_template(template_name())
            (folder / "template.made").touch()
    return template_name()


def template_name() -> str:
    return Path(os.environ["TEST_SERVER_FOLDER"]).name.replace("-", "_")


def make_template(name: str) -> None:
    """Create the database, and have another process migrate it: none may be connected to what is copied."""
    address = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(urlunsplit(address._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    environment = dict(os.environ, DATABASE_URL=urlunsplit(address._replace(path=f"/{name}")))
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, env=environment, cwd=Path(__file__).parent, check=True)


def drop_template() -> None:
    """On a server that lives on after this run."""
    if not Path(os.environ["TEST_SERVER_FOLDER"], "template.made").exists():
        return
    address = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(urlunsplit(address._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {template_name()}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of the tests, which comes back to what it was after each test that commits.

    Django empties every table and has all permissions and seeds made again, which takes a third of a second; here only
    what a test wrote is taken away, and what the migrations had put there comes back from a copy. As a replica applies
    it: without the triggers that refuse to empty the audit log.
    """
    from django.core.management.commands import flush
    from django.db.backends.postgresql.operations import DatabaseOperations

    with django_db_blocker.unblock():
        restoring = copy_of_database()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", lambda *args, **kwargs: restoring)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *args, **kwargs: None)
        yield


def copy_of_database() -> list[str]:
    """Copy what lies in the tables now. Returns what brings it back, as one statement to save the way."""
    from django.db import connection

    restoring = ["SET session_replication_role = replica"]
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS pristine CASCADE; CREATE SCHEMA pristine")
        cursor.execute(EMPTY_LOG)
        for table in connection.introspection.table_names(cursor):
            # What no test changes, and everything points at.
            if table in {"django_migrations", "django_content_type", "auth_permission"}:
                continue
            restoring.append(f"DELETE FROM {table}")
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
            if cursor.fetchone():
                cursor.execute(f"CREATE TABLE pristine.{table} AS TABLE {table}")
                restoring.append(f"INSERT INTO {table} SELECT * FROM pristine.{table}")
    return ["; ".join([*restoring, "RESET session_replication_role"])]


@pytest.fixture(scope="session", autouse=True)
def _console_is_loaded() -> None:
    """As in a web server: with the addresses."""
    from config.apps import load_console

    load_console()


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_quickly() -> Iterator[None]:
    """As in production, but for the work that is there to take long."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        for name, least in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            patch.setattr(Argon2PasswordHasher, name, least)
        yield


@pytest.fixture(autouse=True)
def _no_language_of_another_test() -> None:
    """The test client leaves the language of its last request behind in this thread."""
    from django.utils import translation

    translation.deactivate()
