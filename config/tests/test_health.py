"""What probes see."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from celery import Celery
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config.health import written_migrations
from config.tests.running import PROJECT
from documents.tests.factories import let_lease_run_out, make_file
from prompts.tests.factories import make_request

#: A web process that is asked whether the tables are there.
READ = """
import config.wsgi, sys
from config.health import check_migrations
check_migrations()
print([name for name in sys.modules if ".migrations.0" in name])
"""


def readiness() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


def test_healthz_asks_no_database() -> None:
    answer = Client().get("/healthz")  # without the db mark a query would fail the test
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_is_green_when_everything_is_there(db: None) -> None:
    status, report = readiness()
    assert (status, report["status"]) == (200, "ready"), report
    assert report["checks"]["queue"] == {"ok": True, "oldest_claimable_seconds": 0.0}


def test_readyz_is_never_cached(db: None) -> None:
    assert "no-store" in Client().get("/readyz").headers["Cache-Control"]


def test_without_a_database_it_is_503_and_says_so() -> None:
    failure = OperationalError("connection to 10.0.0.7 failed: password=canary")
    with mock.patch.object(connection, "cursor", side_effect=failure):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["ok"] is False
    assert b"canary" not in answer.content


def test_without_a_broker_it_is_503_and_says_so(db: None) -> None:
    with mock.patch("config.health.app", Celery(broker="redis://:canary@127.0.0.1:1/0", set_as_current=False)):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"]["ok"] is False
    assert answer.json()["checks"]["database"] == {"ok": True}
    assert b"canary" not in answer.content


def test_the_migrations_that_it_looks_for_are_those_that_django_would_run() -> None:
    assert written_migrations() == MigrationLoader(None).disk_migrations.keys()


def test_asking_whether_it_is_ready_leaves_the_migrations_unread(child_environment: dict[str, str], db: None) -> None:
    ask = [sys.executable, "-c", READ]
    read = subprocess.run(
        ask, env=child_environment, check=True, capture_output=True, text=True, cwd=PROJECT, timeout=60
    )
    assert read.stdout.splitlines() == ["[]"]


def test_a_migration_whose_work_others_have_done_is_not_missing(db: None) -> None:
    squashed = written_migrations() | {("prompts", "0001_squashed_0021")}
    with mock.patch("config.health.written_migrations", return_value=squashed):
        assert readiness()[0] == 200


def test_with_a_migration_missing_it_is_503_and_says_what_to_do(db: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="prompts").order_by("-name")[0].delete()
    status, report = readiness()
    assert (status, report["checks"]["migrations"]["ok"]) == (503, False)
    assert "manage.py migrate" in report["checks"]["migrations"]["reason"]


def test_a_request_that_waits_too_long_for_a_worker_makes_it_503(db: None, settings: Any) -> None:
    make_request(next_attempt_at=Now() - timedelta(seconds=settings.READY_MAX_QUEUE_SECONDS + 5))
    status, report = readiness()
    assert (status, report["checks"]["queue"]["ok"]) == (503, False)


def test_a_deferred_request_is_not_waiting(db: None) -> None:
    make_request(next_attempt_at=Now() + timedelta(hours=1), created_at=Now() - timedelta(days=9))
    assert readiness()[1]["checks"]["queue"]["oldest_claimable_seconds"] == 0


def test_the_age_is_of_the_oldest_claimable(db: None) -> None:
    make_request(next_attempt_at=Now() - timedelta(seconds=30))
    make_request(next_attempt_at=Now() - timedelta(seconds=10))
    assert 29 < readiness()[1]["checks"]["queue"]["oldest_claimable_seconds"] < 40


def test_a_document_that_nobody_reads_makes_it_503(db: None, settings: Any) -> None:
    make_file("pending", queued_at=Now() - timedelta(seconds=settings.READY_MAX_QUEUE_SECONDS + 5))
    status, report = readiness()
    assert (status, report["checks"]["documents"]["ok"]) == (503, False)


def test_a_long_queue_of_documents_that_are_read_is_no_fault(db: None, settings: Any) -> None:
    make_file("pending", queued_at=Now() - timedelta(hours=9))
    make_file("reading")
    status, report = readiness()
    assert (status, report["checks"]["documents"]["waiting"]) == (200, 1)
    assert report["checks"]["documents"]["oldest_unread_seconds"] > 32_000


def test_a_reader_that_has_vanished_reads_nothing(db: None) -> None:
    make_file("pending", queued_at=Now() - timedelta(hours=9))
    let_lease_run_out(make_file("reading"))
    assert readiness()[0] == 503


def test_a_folder_of_documents_that_can_not_be_written_makes_it_503(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.touch()
    status, report = readiness()
    assert (status, report["checks"]["media"]["ok"]) == (503, False)
    assert str(tmp_path) not in str(report)


def test_readyz_takes_the_same_few_queries_however_much_waits(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        make_request()
    with django_assert_max_num_queries(6):
        readiness()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_another_method_is_refused_in_the_shape_of_every_error(path: str) -> None:
    answer = Client().post(path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert set(answer.json()) == {"message", "userMessage", "recoveryAction"}
