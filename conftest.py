"""Servers for the tests: one PostgreSQL for the whole run, one Valkey for each of its processes.

They lie in a short folder under /tmp, listen on unix sockets only, and end with the run, also when it is
killed. Nothing of the developer's own installation is used: no `.env`, no `.data`, no key of a vendor.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import django
import pytest

from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import DATABASE, USER, EmbeddedPostgres
from config.embedded.server import EmbeddedServer
from config.embedded.valkey import EmbeddedValkey

if TYPE_CHECKING:
    from django.conf import LazySettings

IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ
# A variable of one of these families can be set for a server or a vendor of any name.
FOREIGN_FAMILIES = ("LLM_ENDPOINT_", "CELERY_")
# These are for the test run itself.
KEPT = {"TEST_DATABASE_URL", "REQUIRE_BROWSER", "SCREENSHOTS", "SCANS", "API_EXAMPLES", "NO_COLOR"}
DOCUMENTED = re.compile(r"^# ([A-Z][A-Z0-9_]+)=", re.MULTILINE)
STARTED: list[EmbeddedServer] = []


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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What may take longest comes first, so that at the end no process waits for another."""
    usual = float(config.getini("timeout"))
    marks = {item: item.get_closest_marker("timeout") for item in items}
    items.sort(key=lambda item: mark.args[0] if (mark := marks[item]) else usual, reverse=True)


def pytest_unconfigure() -> None:
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


@pytest.fixture(scope="session", autouse=True)
def _seeds_outlive_transactional_tests() -> Iterator[None]:
    """A test that commits is cleaned up by emptying every table; what the migrations put there comes back."""
    from django.apps import apps
    from django.db.models.signals import post_migrate

    seeds = ("0002_seed_prompt_types", "0007_seed_versions")
    seeding = [importlib.import_module(f"prompts.migrations.{name}") for name in seeds]

    def seed_again(**kwargs: Any) -> None:
        for migration in seeding:
            migration.seed(apps, None)

    post_migrate.connect(seed_again, sender=apps.get_app_config("prompts"))
    yield
    post_migrate.disconnect(seed_again, sender=apps.get_app_config("prompts"))


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_emptied_between_tests() -> Iterator[None]:
    """As a replica applies it: without the triggers that refuse to empty the audit log."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    truncate = DatabaseOperations.sql_flush

    def without_triggers(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        statements = truncate(self, *args, **kwargs)
        return ["SET session_replication_role = replica", *statements, "RESET session_replication_role"]

    DatabaseOperations.sql_flush = without_triggers  # type: ignore[method-assign]
    yield
    DatabaseOperations.sql_flush = truncate  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _no_language_of_another_test() -> None:
    """The test client leaves the language of its last request behind in this thread."""
    from django.utils import translation

    translation.deactivate()
