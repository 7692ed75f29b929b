"""The home page: who sees which figures, and where they lead."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from prompts.models import PromptRequest
from prompts.services import lifecycle
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import make_request, make_user, make_version
from prompts.tests.stats import make_stat

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Any:
    return make_staff("prompts.view_promptversion")


def page_of(client: Client, window: str = "") -> str:
    answer = client.get("/admin/", {"window": window} if window else {})
    assert answer.status_code == 200
    return answer.content.decode()


def text_of(html: str) -> str:
    """What can be read, with one space between words."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def tile(page: str, label: str) -> str:
    """The text of the tile with this label."""
    found = next(one for one in page.split("<li class=")[1:] if f">{label}<" in one)
    return text_of(found.partition(">")[2].partition("</li>")[0])


def waiting(seconds: float, **values: Any) -> PromptRequest:
    """A request that could have run since so many seconds; less than none is later."""
    request = make_request(**values)
    PromptRequest.objects.filter(pk=request.pk).update(next_attempt_at=Now() - timedelta(seconds=seconds))
    return request


def links(page: str) -> list[str]:
    return [href.replace("&amp;", "&") for href in re.findall(r'href="([^"]+)"', page)]


def filtered(page: str) -> list[str]:
    return [href for href in links(page) if href.startswith("/admin/prompts/promptrequest/?")]


def test_who_has_not_signed_in_is_sent_to_the_form(client: Client):
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")


def test_staff_without_powers_sees_lists_but_no_figures():
    page = page_of(signed_in(make_staff("prompts.view_promptrequest")))
    assert "Last 24 hours" not in page
    assert "/admin/prompts/promptrequest/" in links(page)


def test_a_viewer_sees_figures_of_everybody_but_no_way_into_their_requests(viewer: Any):
    make_stat(timezone.now(), count=41)
    foreign = waiting(5)
    page = page_of(signed_in(viewer))
    assert tile(page, "Completed") == "Completed 41"
    assert filtered(page) == []
    assert str(foreign.pk) not in page


def test_numbers_of_the_window_lead_to_the_requests_of_the_window(manager_page: Client):
    make_stat(timezone.now(), count=12)
    make_stat(timezone.now(), count=3, outcome="failed", error_class="timeout")
    page = page_of(manager_page)
    assert tile(page, "Failed") == "Failed 3 20.0 % of those that ended"
    (address,) = {href for href in filtered(page) if "error_class=timeout" in href}
    query = parse_qs(urlsplit(address).query)
    assert query["status__exact"] == ["failed"]
    begin, end = (datetime.fromisoformat(query[f"created_at__{bound}"][0]) for bound in ("gte", "lt"))
    assert (end - begin, begin < timezone.now() < end) == (timedelta(hours=24), True)


def test_every_link_of_the_page_leads_to_a_list_that_opens(superuser_page: Client):
    make_stat(timezone.now(), count=12, cost=Decimal("0.1"), duration_le_500=12)
    make_stat(timezone.now(), count=3, outcome="failed", error_class="timeout")
    addresses = set(filtered(page_of(superuser_page)))
    assert len(addresses) >= 8
    for address in addresses:
        answer = superuser_page.get(address)
        # Django sends what it does not understand back with e=1.
        assert (address, answer.status_code) == (address, 200)


def test_the_list_behind_a_number_shows_what_was_counted(superuser_page: Client):
    for error_class in ("timeout", "auth"):
        make_request(status="failed", error_class=error_class, finished_at=Now())
        make_stat(timezone.now(), outcome="failed", error_class=error_class)
    (address,) = {href for href in filtered(page_of(superuser_page)) if "error_class=auth" in href}
    assert [row.error_class for row in superuser_page.get(address).context["cl"].result_list] == ["auth"]


def test_the_longest_wait_leads_to_the_request(manager_page: Client):
    request = waiting(3 * 3600 + 5)
    page = page_of(manager_page)
    assert tile(page, "Longest wait") == "Longest wait 3 h 0 min the workers do not keep up"
    assert f"/admin/prompts/promptrequest/{request.pk}/change/" in links(page)


def test_a_viewer_may_open_the_oldest_request_when_it_is_their_own(viewer: Any):
    request = waiting(5, user=viewer)
    assert f"/admin/prompts/promptrequest/{request.pk}/change/" in links(page_of(signed_in(viewer)))


def test_the_queue_is_told_with_what_is_deferred(manager_page: Client):
    waiting(5)
    waiting(-3600)
    page = page_of(manager_page)
    assert tile(page, "Waiting now") == "Waiting now 1 later: 1"
    assert tile(page, "Documents being read") == "Documents being read 0 waiting: 0"


@pytest.mark.parametrize(("window", "expected"), [("24h", 1), ("7d", 3), ("30d", 7), ("nonsense", 1)])
def test_the_period_is_chosen_by_the_address(manager_page: Client, window: str, expected: int):
    for days, count in [(0, 1), (5, 2), (20, 4), (40, 8)]:
        make_stat(timezone.now() - timedelta(days=days), count=count)
    assert tile(page_of(manager_page, window), "Completed") == f"Completed {expected}"


def test_an_activation_is_marked_and_leads_to_its_version(manager_page: Client):
    version = make_version()
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    make_stat(timezone.now())
    page = page_of(manager_page)
    assert f"/admin/prompts/promptversion/{version.pk}/change/" in links(page)
    assert 'class="mark-line"' in page


def test_each_active_prompt_leads_to_its_workbench(viewer: Any):
    version = make_version()
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    page = page_of(signed_in(viewer))
    assert f"/admin/prompts/prompttype/{version.prompt_type.pk}/workbench/" in links(page)
    assert f"Version {version.version_number}, active since" in page


def test_latency_is_told_by_model(manager_page: Client):
    make_stat(timezone.now(), model="vendor/slow", count=10, duration_le_10000=10)
    page = page_of(manager_page)
    row = " ".join(
        re.sub(r"<[^>]+>", " ", page[page.index('<bdi dir="ltr">vendor/slow') :].partition("</tr>")[0]).split()
    )
    assert row.startswith("vendor/slow 10 0 0.0 % 7.5 s 9.7 s")


def test_the_name_of_a_model_turns_no_sentence_around(manager_page: Client):
    make_stat(timezone.now(), model="openai/gpt-5", duration_le_500=4)
    html = page_of(manager_page)
    assert html.count("<span>\u2068openai/gpt-5\u2069, ") == 2


def test_the_page_has_nothing_that_its_policy_forbids(manager_page: Client):
    make_stat(timezone.now(), count=12, cost=Decimal("0.1"), duration_le_500=12)
    content = page_of(manager_page)
    content = content[content.index('id="content"') :]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]+src=)", content)


def fill(models: range) -> None:
    """Ends in many hours and of many classes, activations, and unfinished requests, for each of the models."""
    now, user = timezone.now(), make_user()
    for number in models:
        name = f"vendor/model-{number}"
        for hour in range(0, 24, 2):
            moment = now - timedelta(hours=hour)
            make_stat(moment, model=name, shard=number, cost=Decimal("0.01"), duration_le_500=1)
            make_stat(moment, model=name, outcome="failed", error_class=f"class_{hour}")
        waiting(5, user=user)
        version = make_version(author=user)
        lifecycle.activate_version("text", version.version_number, actor=user)


@pytest.mark.parametrize("window", ["24h", "30d"])
def test_the_number_of_queries_does_not_grow(window: str):
    client = signed_in(make_staff("system.manage_all"))
    fill(range(1))
    page_of(client, window)
    with CaptureQueriesContext(connection) as few:
        page_of(client, window)
    fill(range(1, 9))
    with CaptureQueriesContext(connection) as many:
        page_of(client, window)
    assert len(many) == len(few) <= 10
