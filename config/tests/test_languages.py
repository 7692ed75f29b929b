"""The language that somebody chose."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from config.tests.test_audit_admin import signed_in
from prompts.tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_static_files")]
HOME, SWITCH, SIGN_IN = "/admin/system/apitoken/", "/i18n/setlang/", "/admin/login/"
ARABIC, THAI = {"Accept-Language": "ar"}, {"Accept-Language": "th"}


@pytest.fixture
def ann() -> Any:
    return make_user("ann", is_staff=True)


def language_of(client: Client, path: str = HOME, **options: Any) -> str:
    answer = client.get(path, **options)
    assert answer.status_code == 200
    return str(answer.headers["Content-Language"])


def choose(client: Client, language: str) -> Any:
    return client.post(SWITCH, {"language": language, "next": HOME})


def test_the_switch_leads_back_and_is_kept_with_the_account(ann: Any) -> None:
    assert choose(signed_in(ann), "ar").headers["Location"] == HOME
    ann.refresh_from_db()
    assert ann.language == "ar"
    assert language_of(signed_in(ann)) == "ar"


def test_the_account_counts_for_more_than_cookie_and_browser(ann: Any) -> None:
    ann.language = "th"
    ann.save()
    client = signed_in(ann)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(HOME, headers=ARABIC)
    assert (page.headers["Content-Language"], '<html lang="th"' in page.text) == ("th", True)


def test_who_never_chose_gets_what_the_browser_asks_for(ann: Any) -> None:
    assert language_of(signed_in(ann), headers=THAI) == "th"


def test_who_has_not_signed_in_gets_it_by_the_cookie() -> None:
    client = Client()
    choose(client, "ar")
    assert language_of(client, SIGN_IN) == "ar"


def test_the_api_speaks_what_its_caller_asks_for(ann: Any) -> None:
    ann.language = "th"
    ann.save()
    assert language_of(signed_in(ann), "/api/ai/prompts/", headers=ARABIC) == "ar"


@pytest.mark.parametrize("language", ["", "xx", "EN", "ar-EG", "../..", "a" * 1000, "\x00"])
def test_a_language_that_is_not_offered_changes_nothing(ann: Any, language: str) -> None:
    assert choose(signed_in(ann), language).status_code == 302
    ann.refresh_from_db()
    assert ann.language == ""


def test_looking_at_the_address_of_the_switch_changes_nothing(ann: Any) -> None:
    assert signed_in(ann).get(SWITCH, {"language": "ar"}).status_code == 302
    ann.refresh_from_db()
    assert ann.language == ""


def test_another_site_can_not_be_led_to(ann: Any) -> None:
    answer = signed_in(ann).post(SWITCH, {"language": "ar", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_another_site_can_not_press_the_switch(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    assert choose(client, "ar").status_code == 403


def test_a_preference_is_not_told_to_the_log(ann: Any) -> None:
    before = AuditEntry.objects.count()
    choose(signed_in(ann), "ar")
    assert AuditEntry.objects.count() == before + 1  # the sign-in


def test_a_page_asks_for_the_user_once_whichever_language_it_speaks(ann: Any) -> None:
    client = signed_in(ann)
    numbers = set()
    for language in ("", "ar"):
        type(ann).objects.filter(pk=ann.pk).update(language=language)
        with CaptureQueriesContext(connection) as queries:
            client.get(HOME)
        numbers.add(len(queries))
        assert len([query for query in queries if 'FROM "users"' in query["sql"]]) == 1
    assert len(numbers) == 1
