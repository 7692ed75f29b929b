"""The end of a sandbox request is shown on the version that it tried out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from prompts.models import PromptRequest, PromptVersion
from prompts.services import execution, lifecycle, recording, recovery, submission, testing
from prompts.services.execution import Claim
from prompts.services.testing import SandboxResult
from prompts.tests.factories import completed, failed, let_lease_run_out, make_request, make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def try_out(version: PromptVersion, *, is_sandbox: bool = True) -> PromptRequest:
    return submission.submit(
        user=make_user(),
        prompt_type=version.prompt_type_id,
        variables={"input": "Hello"},
        version_number=version.version_number,
        model="simulator/default",
        is_sandbox=is_sandbox,
    )


def claims() -> list[Claim]:
    return execution.claim(100, worker="w1")


def result_on(version: PromptVersion) -> Any:
    version.refresh_from_db()
    return version.test_result_json


def test_the_object_of_an_answer_is_shown_on_the_version_with_the_time() -> None:
    version = make_version()
    try_out(version)
    recording.record([completed(claims()[0], 'Sure: {"subject": "ดี"}')])
    assert result_on(version) == {"subject": "ดี"}
    assert version.last_tested_at is not None


def test_an_answer_without_an_object_is_shown_as_text() -> None:
    version = make_version()
    try_out(version)
    recording.record([completed(claims()[0], "No idea.")])
    assert result_on(version) == {"text": "No idea."}


def test_a_failed_test_is_shown_with_its_class_and_the_time() -> None:
    version = make_version()
    try_out(version)
    recording.record([failed(claims()[0], "auth")])
    assert result_on(version) == {"error": "auth", "message": "It did not work."}
    assert version.last_tested_at is not None


def test_a_failure_that_is_tried_again_shows_nothing_yet() -> None:
    version = make_version()
    try_out(version)
    recording.record([failed(claims()[0], "overloaded")])
    assert result_on(version) is None


def test_a_test_whose_worker_was_lost_for_the_last_time_is_shown_as_failed(settings: Any) -> None:
    settings.REQUEST_MAX_ATTEMPTS = 1
    version = make_version()
    request = try_out(version)
    claims()
    let_lease_run_out(request)
    recovery.sweep()
    assert result_on(version)["error"] == "worker_lost"


def test_a_late_result_without_the_lease_shows_nothing() -> None:
    version = make_version()
    request = try_out(version)
    (claim,) = claims()
    submission.cancel(request.pk)
    recording.record([completed(claim, '{"a": 1}')])
    assert result_on(version) is None


def test_an_ordinary_request_of_the_version_leaves_its_test_alone() -> None:
    version = make_version()
    try_out(version, is_sandbox=False)
    recording.record([completed(claims()[0], '{"a": 1}')])
    assert result_on(version) is None


def test_an_ordinary_result_costs_no_statement_more() -> None:
    for is_sandbox in (False, True):
        try_out(make_version(), is_sandbox=is_sandbox)
    ordinary, sandbox = claims()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        recording.record([completed(ordinary)])
    assert not [query for query in queries if "prompt_versions" in query["sql"] or "prompt_types" in query["sql"]]
    with CaptureQueriesContext(connection) as more:
        recording.record([completed(sandbox)])
    assert len(more) == len(queries) + 2


def test_the_version_is_the_one_that_was_tried_also_when_another_was_activated_since() -> None:
    old, new = make_version(), make_version()
    try_out(old)
    (claim,) = claims()
    lifecycle.activate_version("text", new.version_number, actor=make_user())
    recording.record([completed(claim, '{"a": 1}')])
    assert (result_on(old), result_on(new)) == ({"a": 1}, None)


def test_a_version_deleted_meanwhile_keeps_the_result_too() -> None:
    version = make_version()
    try_out(version)
    (claim,) = claims()
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    recording.record([completed(claim, '{"a": 1}')])
    assert result_on(version) == {"a": 1}


def test_of_two_results_for_one_version_the_later_one_stays() -> None:
    version = make_version()
    try_out(version), try_out(version)
    first, second = claims()
    recording.record([completed(first, '{"a": 1}'), completed(second, '{"a": 2}')])
    assert result_on(version) == {"a": 2}


def test_an_answer_that_postgresql_could_not_hold_as_json_is_stored_all_the_same() -> None:
    version = make_version()
    request = try_out(version)
    recording.record([completed(claims()[0], '{"a": "\\u0000\\ud800", "b": 1e400}')])
    request.refresh_from_db()
    assert request.status == "completed"
    assert "text" in result_on(version)


def test_results_for_many_versions_never_deadlock_with_activations_of_the_same_versions() -> None:
    versions = [make_version() for _ in range(6)]
    actor = make_user()

    def keep_all() -> None:
        try:
            for number in range(60):
                with transaction.atomic():
                    testing.keep(SandboxResult(version.pk, {"a": number}) for version in reversed(versions))
        finally:
            connection.close()

    def activate_all() -> None:
        try:
            for number in range(60):
                lifecycle.activate_version("text", versions[-(number % 6)].version_number, actor=actor)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        for job in [threads.submit(work) for work in (keep_all, activate_all, keep_all, activate_all)]:
            job.result()
    assert PromptVersion.objects.filter(is_active=True, prompt_type__slug="text").count() == 1


def test_a_request_that_is_no_test_may_have_no_version() -> None:
    make_request()
    assert claims()[0].tested_version_id is None
