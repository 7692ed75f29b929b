"""The list as a file: what it filters and searches, all of it, for who may see it, and on record."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from prompts import downloads
from prompts.models import PromptRequest
from prompts.services import exporting_requests, searching
from prompts.services.exporting_requests import COLUMNS
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.stories import answered, failed_after, paid
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db

CSV = reverse("admin:prompts_promptrequest_export_csv")
JSONL = reverse("admin:prompts_promptrequest_export_jsonl")


def sent(page: Client, query: str = "", address: str = CSV) -> str:
    answer: Any = page.post(f"{address}?{query}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def rows_of(page: Client, query: str = "") -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(sent(page, query).removeprefix("\ufeff")))]


def objects_of(page: Client, query: str = "") -> list[dict[str, Any]]:
    return [json.loads(line) for line in sent(page, query, JSONL).splitlines()]


def test_a_row_has_everything_of_a_request_and_its_answer(superuser_page: Client) -> None:
    version = make_version()
    request = paid("0.00123", purpose="Books", version=version, variables={"input": "x"}, metadata={"team": "บัญชี"})
    (row,) = rows_of(superuser_page)
    expected = {
        "id": str(request.pk), "user": request.user.username, "purpose": "Books", "status": "completed",
        "version": "2", "template_sha256": version.template_sha256, "prompt": "Say hello.", "answer": "Paid.",
        "cost": "0.001230000", "input_tokens": "1200", "reasoning_tokens": "", "variables": '{"input": "x"}',
        "metadata": '{"team": "บัญชี"}', "simulated": "true", "is_sandbox": "false",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert tuple(row) == COLUMNS


def test_a_line_of_json_has_the_same(superuser_page: Client) -> None:
    request = answered("مرحبا\u2028x", parameters={"seed": 7})
    (value,) = objects_of(superuser_page)
    assert tuple(value) == COLUMNS
    assert (value["id"], value["answer"], value["parameters"]) == (str(request.pk), "مرحبا\u2028x", {"seed": 7})
    assert value["variables"] is None


def test_requests_without_an_answer_are_in_it_newest_first(superuser_page: Client) -> None:
    requests = [make_request(), failed_after(1), answered()]
    assert [row["id"] for row in rows_of(superuser_page)] == [str(request.pk) for request in reversed(requests)]


def test_the_parts_that_are_read_one_by_one_make_up_the_whole(
    superuser_page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting_requests, "IDS_AT_A_TIME", 3)
    monkeypatch.setattr(exporting_requests, "ROWS_AT_A_TIME", 2)
    moment = make_request().created_at
    requests = {str(make_request(created_at=moment).pk) for _number in range(7)}
    ids = [row["id"] for row in rows_of(superuser_page)]
    assert len(ids) == len(set(ids)) == 8
    assert requests < set(ids)


def test_filters_and_search_of_the_list_count(superuser_page: Client) -> None:
    wanted = failed_after(1, prompt_text="okapi")
    answered("okapi")
    make_request()
    assert [row["id"] for row in rows_of(superuser_page, "status__exact=failed&q=okapi")] == [str(wanted.pk)]
    assert [row["id"] for row in rows_of(superuser_page, f"q={wanted.pk}")] == [str(wanted.pk)]
    assert [row["id"] for row in rows_of(superuser_page, f"q={wanted.pk.hex[-8:]}")] == [str(wanted.pk)]


def test_of_words_in_very_many_requests_all_are_exported(
    superuser_page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"MOST_FOUND": 1, "PARTS": (1,), "PART": 2}.items():
        monkeypatch.setattr(searching, name, value)
    requests = [answered("common") for _number in range(5)]
    assert {row["id"] for row in rows_of(superuser_page, "q=common")} == {str(request.pk) for request in requests}


def test_an_onlooker_exports_their_own_requests_only(onlooker: Any) -> None:
    own = answered("okapi", onlooker)
    answered("okapi")
    for query in ("", "q=okapi"):
        assert [row["id"] for row in rows_of(signed_in(onlooker), query)] == [str(own.pk)]


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "＝1+1", "\u200b=1"])
def test_no_cell_begins_as_a_formula(superuser_page: Client, text: str) -> None:
    answered(text, prompt_text=text, purpose=text, metadata={})
    (row,) = rows_of(superuser_page)
    assert [row[name] for name in ("prompt", "answer", "purpose")] == [f"'{text}"] * 3


def test_who_exported_what_is_on_record(superuser: Any, superuser_page: Client) -> None:
    sent(superuser_page, "status__exact=failed&q=okapi&p=2&o=1")
    entry = AuditEntry.objects.get(action="prompt_requests.exported")
    details = json.loads(entry.content)["details"]
    assert entry.actor_id == superuser.pk
    assert details == {"format": "csv", "words": "okapi", "filters": {"status__exact": "failed"}}


def test_a_download_too_many_is_told_and_not_on_record(superuser_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "slots", downloads.Slots(1))
    downloads.slots.take()
    assert "Try again in a few seconds." in superuser_page.post(CSV, follow=True).text
    assert not AuditEntry.objects.filter(action="prompt_requests.exported").exists()


@pytest.mark.parametrize("query", ["created_at__gte=yesterday", "prompt_text__regex=a", "user__exact=x", "q=%00"])
def test_what_the_list_does_not_filter_by_is_not_exported(superuser_page: Client, query: str) -> None:
    answer = superuser_page.post(f"{CSV}?{query}")
    assert answer.status_code in {302, 400}
    assert not AuditEntry.objects.filter(action="prompt_requests.exported").exists()


def test_the_buttons_of_the_list_keep_its_address(superuser_page: Client) -> None:
    text = superuser_page.get(reverse("admin:prompts_promptrequest_changelist"), {"status__exact": "failed"}).text
    assert f'formaction="{CSV}?status__exact=failed"' in text
    assert f'formaction="{JSONL}?status__exact=failed"' in text


@pytest.mark.parametrize("address", [CSV, JSONL])
def test_an_export_is_for_who_may_look_at_requests(client: Client, address: str) -> None:
    make_request()
    assert signed_in(make_user(is_staff=True)).post(address).status_code == 403
    assert signed_in(make_staff("prompts.view_prompttype")).post(address).status_code == 403
    answer: Any = client.post(address)
    assert "/admin/login/" in answer.url
    assert PromptRequest.objects.count() == 1


@pytest.mark.parametrize("address", [CSV, JSONL])
def test_an_export_is_asked_for_by_a_form_of_the_console(superuser: Any, address: str) -> None:
    assert signed_in(superuser).get(address).status_code == 405
    assert signed_in(superuser, enforce_csrf_checks=True).post(address).status_code == 403
