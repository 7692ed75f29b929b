"""POST /api/ai/prompts/ with variables: which version a request used, and that it always shows it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_request, make_user, make_version

PROMPTS = "/api/ai/prompts/"
FILLED = {"prompt_type": "text", "variables": {"input": "hello"}, "model": "simulator/default"}


def test_variables_fill_in_the_active_version(as_owner: APIClient) -> None:
    version = make_version("Say {{input}}.")
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    answer = as_owner.post(PROMPTS, FILLED)
    assert answer.status_code == 201, answer.content
    shown = {"version_number": 2, "template_sha256": version.template_sha256, "is_sandbox": False}
    assert shown.items() <= answer.json().items()
    assert answer.json()["prompt_text"] == "Say hello."
    detail = as_owner.get(answer.headers["Location"]).json()
    assert (shown | {"variables": {"input": "hello"}}).items() <= detail.items()


def test_a_version_is_used_by_its_number_with_its_model_and_parameters(as_owner: APIClient) -> None:
    PromptType.objects.filter(slug="text").update(default_parameters={"seed": 1, "top_p": 0.5})
    make_version("Say {{input}}.", model="simulator/other", parameters={"seed": 2})
    body = as_owner.post(
        PROMPTS,
        {"prompt_type": "text", "variables": {"input": "x"}, "version_number": 2, "parameters": {"temperature": 0}},
    ).json()
    assert (body["model"], body["version_number"]) == ("simulator/other", 2)
    assert body["parameters"] == {"seed": 2, "top_p": 0.5, "temperature": 0}


def test_a_finished_text_has_no_version(as_owner: APIClient) -> None:
    created = as_owner.post(PROMPTS, {"prompt_type": "text", "prompt_text": "{{input}}", "model": "simulator/default"})
    body = as_owner.get(created.headers["Location"]).json()
    assert (body["version_number"], body["template_sha256"], body["variables"]) == (None, None, None)
    assert body["prompt_text"] == "{{input}}"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"prompt_text": "x"}, ["prompt_text"]),
        ({"variables": None}, ["variables"]),
        ({"variables": ["x"]}, ["variables"]),
        ({"variables": {"input": {}}}, ["variables"]),
        ({"variables": {}}, ["variables"]),
        ({"variables": {"input": "x", "more": "y"}}, ["variables"]),
        ({"variables": {"input": " "}}, ["prompt_text"]),
        ({"version_number": 99}, ["version_number"]),
        ({"version_number": "1"}, ["version_number"]),
        ({"version_number": 1.0}, ["version_number"]),
        ({"version_number": 2**62}, ["version_number"]),
        ({"version_number": None}, ["version_number"]),
        ({"is_sandbox": True}, ["is_sandbox"]),
        ({"version_id": 1}, ["version_id"]),
        ({"template_sha256": "0"}, ["template_sha256"]),
    ],
)
def test_what_does_not_go_together_is_refused(as_owner: APIClient, change: dict[str, Any], names: list[str]) -> None:
    answer = as_owner.post(PROMPTS, FILLED | change)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)
    assert not PromptRequest.objects.exists()


def test_neither_text_nor_variables_is_refused(as_owner: APIClient) -> None:
    assert list(as_owner.post(PROMPTS, {"prompt_type": "text"}).json()["errors"]) == ["prompt_text"]


def test_a_number_with_a_finished_text_is_refused(as_owner: APIClient) -> None:
    body = {"prompt_type": "text", "prompt_text": "x", "version_number": 1}
    assert list(as_owner.post(PROMPTS, body).json()["errors"]) == ["version_number"]


def test_without_an_active_version_there_is_nothing_to_fill_in(as_owner: APIClient) -> None:
    PromptType.objects.create(slug="poem", label="Poem")
    answer = as_owner.post(PROMPTS, FILLED | {"prompt_type": "poem"})
    assert (answer.status_code, answer.json()["userMessage"]) == (409, "This prompt type has no active version.")


def test_a_deleted_version_can_not_be_used(as_owner: APIClient) -> None:
    make_version()
    lifecycle.delete_version("text", 2, actor=make_user())
    assert as_owner.post(PROMPTS, FILLED | {"version_number": 2}).status_code == 400


def test_a_request_shows_its_version_also_when_that_is_deleted(as_owner: APIClient) -> None:
    version = make_version()
    path = as_owner.post(PROMPTS, FILLED | {"version_number": 2}).headers["Location"]
    lifecycle.delete_version("text", 2, actor=make_user())
    for row in (as_owner.get(path).json(), as_owner.get(PROMPTS).json()["results"][0]):
        assert (row["version_number"], row["template_sha256"]) == (2, version.template_sha256)
    assert as_owner.get(f"{path}/receipt").json()["version_number"] == 2


def test_a_replay_is_of_the_same_version_and_the_same_text(as_owner: APIClient) -> None:
    path = as_owner.post(PROMPTS, FILLED).headers["Location"]
    version = make_version("Another {{input}}.")
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    replay = as_owner.post(f"{path}/replay").json()
    assert (replay["version_number"], replay["prompt_text"]) == (1, "hello")


def test_a_replay_may_name_another_version(as_owner: APIClient) -> None:
    path = as_owner.post(PROMPTS, FILLED).headers["Location"]
    version = make_version("Another {{input}}.")
    replay = as_owner.post(f"{path}/replay", {"version_number": version.version_number}).json()
    assert (replay["version_number"], replay["prompt_text"]) == (version.version_number, "Another hello.")


@pytest.mark.parametrize("number", [0, -1, "2", 99])
def test_a_replay_with_a_version_that_is_not_there_is_refused_by_name(as_owner: APIClient, number: Any) -> None:
    path = as_owner.post(PROMPTS, FILLED).headers["Location"]
    answer = as_owner.post(f"{path}/replay", {"version_number": number})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["version_number"])


def test_a_cancelled_request_still_shows_its_version(as_owner: APIClient) -> None:
    path = as_owner.post(PROMPTS, FILLED).headers["Location"]
    assert as_owner.post(f"{path}/cancel").json()["version_number"] == 1


def with_versions(owner: Any, number: int) -> None:
    for _ in range(number):
        make_request(owner, version=make_version("x" * 10_000), variables={})


@pytest.mark.parametrize("number", [1, 20])
def test_the_list_takes_one_query_however_many_versions_it_shows(
    as_owner: APIClient, owner: Any, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with_versions(owner, number)
    with django_assert_num_queries(2):
        assert len(as_owner.get(PROMPTS).json()["results"]) == number


def test_no_template_is_read_to_show_requests(as_owner: APIClient, owner: Any) -> None:
    with_versions(owner, 1)
    request = PromptRequest.objects.get()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        as_owner.get(PROMPTS)
        as_owner.get(f"{PROMPTS}{request.pk}")
    columns = '"prompt_versions"."version_number"', '"prompt_versions"."template"'
    read = [[column in query["sql"] for column in columns] for query in queries]
    assert [True, False] in read
    assert not any(template for _number, template in read)


def test_creating_from_the_active_version_reads_no_version_again(
    as_owner: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    as_owner.post(PROMPTS, FILLED)  # fills the cache
    with CaptureQueriesContext(connection) as queries:
        as_owner.post(PROMPTS, FILLED)
    assert [query["sql"] for query in queries if '"prompt_versions"."template"' in query["sql"]] == []
    assert PromptVersion.objects.filter(prompt_type__slug="text").count() == 1
