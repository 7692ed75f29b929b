"""API tokens in the console."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.accounts import tokens
from config.models import ApiToken
from config.tests.test_audit_admin import signed_in, staff
from prompts import token_text
from prompts.tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_static_files")]
LIST = "/admin/system/apitoken/"
ADD = f"{LIST}add/"


def make(user: Any, name: str = "robot", **values: Any) -> ApiToken:
    return tokens.create(user=user, name=name, actor=user, **values).row


def revocation(row: ApiToken) -> str:
    return reverse("admin:system_apitoken_revoke", args=[row.pk])


@pytest.fixture
def ann() -> Any:
    return make_user("ann", is_staff=True)


@pytest.fixture
def page(ann: Any) -> Client:
    return signed_in(ann)


def shown_token(text: str) -> str:
    match = token_text.FORM.search(text)
    assert match
    return match[0]


def test_a_token_is_shown_once_and_opens_the_api(page: Client) -> None:
    answer = page.post(ADD, {"name": "nightly", "days": "30"})
    text = shown_token(answer.text)
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().get("/api/ai/prompts/", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    row = ApiToken.objects.get()
    for address in (LIST, reverse("admin:system_apitoken_change", args=[row.pk]), revocation(row)):
        later = page.get(address).text
        assert row.beginning in later
        assert text not in later


def test_the_token_stays_in_no_session_no_message_and_no_log(page: Client) -> None:
    text = shown_token(page.post(ADD, {"name": "nightly", "days": "30"}).text)
    kept = [str(session.get_decoded()) for session in Session.objects.all()]
    kept += [f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()]
    kept += [str(page.cookies)]
    assert not any(text[12:] in place for place in kept)


def test_a_form_that_is_sent_again_makes_no_second_token(page: Client) -> None:
    form = {"name": "nightly", "days": "30"}
    page.post(ADD, form)
    assert "already" in page.post(ADD, form).text
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("form", [{}, {"name": "x"}, {"name": "", "days": "5"}, {"name": "x", "days": "367"}])
def test_what_can_not_be_used_is_told_at_its_field(page: Client, form: dict[str, str]) -> None:
    assert "errorlist" in page.post(ADD, form).text
    assert not ApiToken.objects.exists()


def test_revoking_asks_first(page: Client, ann: Any) -> None:
    row = make(ann)
    assert "can't be undone" in page.get(revocation(row)).text
    row.refresh_from_db()
    assert row.revoked_at is None
    assert "opens nothing any more" in page.post(revocation(row), follow=True).text
    row.refresh_from_db()
    assert row.revoked_at is not None


def test_the_list_warns_of_what_ends_soon(page: Client, ann: Any) -> None:
    make(ann, "short", days=14)
    make(ann, "long", days=15)
    tokens.revoke(make(ann, "gone").pk, actor=ann)
    text = page.get(LIST).text
    assert re.findall(r'badge-(\w+)">([^<]+)<', text) == [
        ("deleted", "Revoked"),
        ("active", "Valid"),
        ("billed", "Expires in 13 days"),
    ]


def test_the_tokens_of_others_are_not_there(page: Client) -> None:
    row = make(make_user("bob"), "bobs robot")
    assert "bobs robot" not in page.get(LIST).text
    assert page.get(reverse("admin:system_apitoken_change", args=[row.pk])).status_code == 302
    assert {page.get(revocation(row)).status_code, page.post(revocation(row)).status_code} == {404}
    row.refresh_from_db()
    assert row.revoked_at is None


def test_who_manages_everything_sees_and_revokes_those_of_all() -> None:
    row = make(make_user("bob"), "bobs robot")
    manager = staff("manage_all")
    assert "bobs robot" in manager.get(LIST).text
    manager.post(revocation(row))
    row.refresh_from_db()
    assert row.revoked_at is not None


def test_nobody_changes_or_deletes_a_row(ann: Any) -> None:
    row = make(ann)
    ann.user_permissions.set(Permission.objects.filter(codename__endswith="_apitoken"))
    page = signed_in(ann)
    change = reverse("admin:system_apitoken_change", args=[row.pk])
    assert page.post(change, {"name": "other"}).status_code == 403
    assert page.post(change.replace("change", "delete"), {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.name == "robot"


@pytest.mark.parametrize("address", [LIST, ADD])
def test_who_is_not_of_the_staff_is_sent_to_the_sign_in(address: str) -> None:
    for client in (Client(), signed_in(make_user("plain"))):
        assert client.get(address).headers["Location"].startswith("/admin/login/")


def test_a_name_is_escaped(page: Client, ann: Any) -> None:
    row = make(ann, "<script>alert(1)</script>")
    for address in (LIST, reverse("admin:system_apitoken_change", args=[row.pk]), revocation(row)):
        assert "<script>alert" not in page.get(address).text


def test_the_list_asks_as_little_for_many_rows_as_for_one(
    page: Client, ann: Any, django_assert_num_queries: Any
) -> None:
    make(ann, "first")
    with CaptureQueriesContext(connection) as few:
        page.get(LIST)
    for number in range(20):
        make(ann, f"robot {number}")
    with django_assert_num_queries(len(few)):
        page.get(LIST)
