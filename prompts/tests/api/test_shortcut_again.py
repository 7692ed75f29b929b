"""What a process remembers of a caller and a type counts only as long as PostgreSQL says the same."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection
from rest_framework.test import APIClient

from prompts import prepared
from prompts.models import PromptRequest, PromptType
from prompts.prepared import Condition, NoLonger
from prompts.services import lifecycle
from prompts.tests.api.ways import FILLED, QUESTION, send
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db
NO_MODEL = {"prompt_type": "text", "prompt_text": "x"}


def test_a_types_new_default_counts_from_the_next_call_on(as_owner: APIClient) -> None:
    send(as_owner, NO_MODEL)
    PromptType.objects.filter(slug="text").update(default_model="simulator/other")
    assert send(as_owner, NO_MODEL).json()["model"] == "simulator/other"


def test_a_types_new_parameters_count_from_the_next_call_on(as_owner: APIClient) -> None:
    send(as_owner, QUESTION)
    PromptType.objects.filter(slug="text").update(default_parameters={"seed": 7})
    assert send(as_owner, QUESTION).json()["parameters"] == {"seed": 7}


def test_a_type_that_was_switched_off_takes_no_more(as_owner: APIClient) -> None:
    send(as_owner, QUESTION)
    PromptType.objects.filter(slug="text").update(is_active=False)
    assert (send(as_owner, QUESTION).status_code, PromptRequest.objects.count()) == (400, 1)


def test_a_version_that_was_activated_since_is_used(as_owner: APIClient, admin: Any) -> None:
    make_version("Old {{input}}.")
    send(as_owner, FILLED)
    new = make_version("New {{input}}.")
    lifecycle.activate_version("text", new.version_number, actor=admin)
    assert send(as_owner, FILLED).json()["prompt_text"].startswith("New")


def test_a_user_who_was_renamed_has_the_new_name(owner: Any, as_owner: APIClient) -> None:
    send(as_owner, QUESTION)
    type(owner).objects.update(username="renamed")
    assert send(as_owner, QUESTION).json()["user"] == "renamed"


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!"}], ids=["switched off", "another password"])
def test_a_first_answer_is_given_again_only_to_who_may_still_come_in(
    owner: Any, as_owner: APIClient, change: dict[str, Any]
) -> None:
    """No request is stored then, and so no statement asks whether what is remembered is still so."""
    assert send(as_owner, QUESTION, HTTP_IDEMPOTENCY_KEY="once").status_code == 201
    assert send(as_owner, QUESTION, HTTP_IDEMPOTENCY_KEY="once").status_code == 201
    type(owner).objects.filter(pk=owner.pk).update(**change)
    assert send(as_owner, QUESTION, HTTP_IDEMPOTENCY_KEY="once").status_code == 401


def test_a_row_is_stored_only_under_a_condition_that_holds() -> None:
    request = PromptRequest(user_id=make_user().pk, prompt_type_id="text", model="simulator/x", prompt_text="x")
    with pytest.raises(NoLonger):
        prepared.insert(request, Condition("FROM users WHERE id = %s", (-1,)))
    assert not PromptRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_meanwhile_costs_no_request(as_owner: APIClient) -> None:
    """Nothing is asked of it before the request is stored, so it must be seen to have ended."""
    assert send(as_owner, QUESTION).status_code == 201
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    with psycopg.connect(_address()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    assert [send(as_owner, QUESTION).status_code for _ in range(2)] == [201, 201]


def _address() -> str:
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.conninfo.make_conninfo(**{name: parameters[name] for name in names if parameters.get(name)})
