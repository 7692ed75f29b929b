"""Every list of the console costs the same for five rows and for fifty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import log
from audit.models import AuditEntry
from prompts.admin.pagination import BoundedPaginator
from prompts.models import PromptRequest, PromptResponse, PromptType, PromptVersion
from prompts.tests.admin.conftest import signed_in
from prompts.tests.admin.stories import answered
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db

ApiToken = apps.get_model("system", "ApiToken")


def make_token(number: int) -> Model:
    return ApiToken.objects.create(
        user=make_user(),
        name=f"Token {number}",
        digest=bytes([number]) * 32,
        expires_at=timezone.now() + timedelta(days=9),
    )


MAKE_A_ROW: dict[type[Model], Callable[[int], object]] = {
    PromptRequest: lambda number: answered(model=f"simulator/model-{number}", version=make_version()),
    PromptResponse: lambda number: answered(),
    PromptVersion: lambda number: make_version(f"Say {{{{input}}}} {number} times."),
    PromptType: lambda number: PromptType.objects.create(slug=f"type_{number}", label=f"Type {number}"),
    ApiToken: make_token,
    get_user_model(): lambda number: make_user(),
    Group: lambda number: Group.objects.create(name=f"Group {number}"),
    AuditEntry: lambda number: log.append("things.counted", actor=None, details={"number": number}),
}


def address(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def queries_of(page: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert page.get(url).status_code == 200
    return len(queries)


def test_every_list_of_the_console_is_measured_here_or_with_the_documents() -> None:
    here = {model for model in site._registry if model._meta.app_label != "documents"}
    assert here == set(MAKE_A_ROW)


@pytest.mark.parametrize("model", MAKE_A_ROW, ids=lambda model: model.__name__)
def test_a_list_needs_as_many_queries_for_fifty_rows_as_for_five(model: type[Model], superuser_page: Client) -> None:
    url = address(model)
    for number in range(5):
        MAKE_A_ROW[model](number)
    queries_of(superuser_page, url)
    few = queries_of(superuser_page, url)
    for number in range(5, 50):
        MAKE_A_ROW[model](number)
    assert queries_of(superuser_page, url) == few


def test_the_list_of_requests_does_not_read_texts_that_it_does_not_show(superuser_page: Client) -> None:
    answered(version=make_version())
    with CaptureQueriesContext(connection) as queries:
        superuser_page.get(address(PromptRequest))
    statements = " ".join(query["sql"] for query in queries)
    assert '"prompt_requests"."purpose"' in statements
    assert '"prompt_versions"."version_number"' in statements
    assert '"prompt_versions"."template"' not in statements
    assert '"prompt_requests"."variables"' not in statements
    beginning = 'LEFT("prompt_requests"."prompt_text", 60)'
    assert statements.count('"prompt_text"') == statements.count(beginning) == 1
    assert '"response_text"' not in statements


def test_the_list_of_responses_does_not_read_texts_that_it_does_not_show(superuser_page: Client) -> None:
    answered()
    with CaptureQueriesContext(connection) as queries:
        superuser_page.get(address(PromptResponse))
    statements = " ".join(query["sql"] for query in queries)
    assert '"prompt_responses"."finish_reason"' in statements
    assert '"prompt_text"' not in statements
    assert '"response_text"' not in statements


def test_a_long_list_says_that_there_are_more_than_can_be_paged_to(
    superuser_page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedPaginator, "LIMIT", 3)
    for _number in range(4):
        make_request()
    assert "The first 3 requests; filter or search" in superuser_page.get(address(PromptRequest)).text


def test_a_list_within_the_limit_is_counted_to_the_end(superuser_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedPaginator, "LIMIT", 3)
    for _number in range(3):
        make_request()
    assert "3 requests" in superuser_page.get(address(PromptRequest)).text


def test_no_list_counts_all_rows_of_its_table(superuser_page: Client) -> None:
    make_request()
    with CaptureQueriesContext(connection) as queries:
        superuser_page.get(address(PromptRequest))
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all(f"LIMIT {BoundedPaginator.LIMIT + 1}" in statement for statement in counts)


@pytest.mark.parametrize(
    "query",
    [
        "prompt_text__regex=(a%2B)%2B",
        "user__password__startswith=a",
        "response__response_text__contains=a",
        "id__gt=1",
        "prompt_text__isnull=1;DROP",
    ],
)
def test_a_filter_that_the_list_does_not_offer_is_refused(superuser_page: Client, query: str) -> None:
    assert superuser_page.get(f"{address(PromptRequest)}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "model=%00",
        "status__exact=%00",
        "prompt_type__slug__exact=%00",
        "user__exact=nobody",
        "user__exact=99999999999999999999999999",
        "user__exact=",
        "simulated__exact=perhaps",
        "created_at__gte=yesterday",
        "o=99.-99.x",
        "o=-1",
        "p=99999999999999999999",
        "p=-1",
        "q=%22%28%26%7C%21%3A*",
        "q=%F0%9F%98%80%ED%A0%80",
        "all=",
    ],
)
def test_a_list_survives_whatever_stands_in_its_address(superuser_page: Client, query: str) -> None:
    make_request()
    assert superuser_page.get(f"{address(PromptRequest)}?{query}", follow=True).status_code == 200


def test_staff_without_any_permission_sees_no_list_but_of_their_own_tokens() -> None:
    page = signed_in(make_user(is_staff=True))
    seen = {model for model in MAKE_A_ROW if page.get(address(model)).status_code != 403}
    assert seen == {ApiToken}


def test_people_who_are_not_staff_are_sent_to_the_sign_in() -> None:
    page: Any = signed_in(make_user())
    assert "/admin/login/" in page.get(address(PromptRequest)).url
