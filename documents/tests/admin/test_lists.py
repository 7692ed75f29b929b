"""Every list about documents costs the same for five rows and for fifty."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.admin import site
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from documents.models import Batch, Document, LabelledSet
from documents.tests.admin.pages import make_set
from documents.tests.batching import make_batch
from documents.tests.factories import make_document
from prompts.tests.admin.test_lists import MAKE_A_ROW as OF_PROMPTS
from prompts.tests.admin.test_lists import address, queries_of

pytestmark = pytest.mark.django_db

MAKE_A_ROW: dict[type[Model], Callable[[int], object]] = {
    Document: lambda number: make_document(state="failed" if number % 2 else "read"),
    Batch: lambda number: make_batch(number % 3 + 1, purpose=f"Purpose {number}"),
    LabelledSet: lambda number: make_set(f"set-{number}"),
}


def test_every_list_of_the_console_is_measured_here_or_with_the_prompts() -> None:
    assert set(site._registry) == set(MAKE_A_ROW) | set(OF_PROMPTS)


@pytest.mark.parametrize("model", MAKE_A_ROW, ids=lambda model: model.__name__)
def test_a_list_needs_as_many_queries_for_fifty_rows_as_for_five(model: type[Model], superuser_page: Client) -> None:
    for number in range(5):
        MAKE_A_ROW[model](number)
    queries_of(superuser_page, address(model))
    few = queries_of(superuser_page, address(model))
    for number in range(5, 50):
        MAKE_A_ROW[model](number)
    assert queries_of(superuser_page, address(model)) == few


def test_the_list_of_batches_does_not_read_templates(superuser_page: Client) -> None:
    make_batch()
    with CaptureQueriesContext(connection) as queries:
        superuser_page.get(address(Batch))
    statements = " ".join(query["sql"] for query in queries)
    assert '"prompt_versions"."version_number"' in statements
    assert '"prompt_versions"."template"' not in statements


@pytest.mark.parametrize("model", MAKE_A_ROW, ids=lambda model: model.__name__)
@pytest.mark.parametrize("query", ["q=%00", "q=x", "q=0123abcd", "p=-1", "o=99", "q=%F0%9F%98%80%ED%A0%80"])
def test_a_list_survives_whatever_stands_in_its_address(model: type[Model], query: str, superuser_page: Client) -> None:
    MAKE_A_ROW[model](1)
    assert superuser_page.get(f"{address(model)}?{query}", follow=True).status_code == 200


@pytest.mark.parametrize("query", ["id__gt=1", "user__password__startswith=a", "name__regex=(a%2B)%2B", "source=x"])
@pytest.mark.parametrize("model", MAKE_A_ROW, ids=lambda model: model.__name__)
def test_a_filter_that_the_list_does_not_offer_is_refused(
    model: type[Model], query: str, superuser_page: Client
) -> None:
    assert superuser_page.get(f"{address(model)}?{query}").status_code in {302, 400}
