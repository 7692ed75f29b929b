"""What surrounds every page of the console: the main places, the languages and the account menu."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from config.tests.conftest import PASSWORD
from prompts.tests.factories import make_user

pytestmark = pytest.mark.usefixtures("plain_static_files", "db", "quick_passwords")

PLACES = re.compile(r'<ul class="wide">(.*?)</ul>', re.DOTALL)
NARROW = re.compile(r'<details class="menu narrow">(.*?)</details>', re.DOTALL)
ACCOUNT = re.compile(r'<details class="menu account">(.*?)</details>', re.DOTALL)
LINK = re.compile(r'<a href="[^"]*"([^>]*)>([^<]+)</a>')


def staff(*permissions: str, **values: Any) -> Client:
    """Somebody of the staff, signed in, with these permissions alone."""
    user = make_user(is_staff=True, password=PASSWORD, **values)
    names = {name.partition(".")[2] for name in permissions}
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, path: str = "/admin/") -> str:
    return client.get(path, headers={"Accept-Language": "en"}).content.decode()


def links(html: str, part: re.Pattern[str]) -> list[str]:
    (found,) = part.findall(html)
    return [label for _attributes, label in LINK.findall(found)]


def test_who_manages_all_has_every_place_in_the_order_of_use() -> None:
    places = links(page(staff("system.manage_all")), PLACES)
    assert places == ["Home", "Workbench", "Requests", "Batches", "Audit", "Operations"]


def test_who_has_no_powers_is_offered_nothing_that_would_refuse_them() -> None:
    assert links(page(staff()), PLACES) == ["Home"]


def test_a_place_is_shown_to_who_may_look_at_its_first_list_or_at_another_of_its_lists() -> None:
    assert links(page(staff("prompts.view_promptversion")), PLACES) == ["Home", "Workbench"]
    assert links(page(staff("audit.view_auditentry")), PLACES) == ["Home", "Audit"]


def test_the_place_that_one_is_at_is_marked() -> None:
    html = page(staff("system.manage_all"), "/admin/prompts/promptrequest/")
    marked = [label for attributes, label in LINK.findall(PLACES.findall(html)[0]) if "aria-current" in attributes]
    assert marked == ["Requests"]


def test_a_phone_has_every_list_of_the_sidebar_in_its_menu_once() -> None:
    client = staff("system.manage_all", "system.view_user")
    menu = links(page(client), NARROW)
    assert menu[:2] == ["Home", "Workbench"]
    assert {"Prompt versions", "Responses", "Documents", "Users"} <= set(menu)
    assert len(menu) == len(set(menu))


def test_lists_stand_in_the_order_of_use() -> None:
    html = page(staff("system.manage_all"), "/admin/prompts/")
    assert re.findall(r"model-(prompt\w+)", html)[:4] == [
        "prompttype",
        "promptversion",
        "promptrequest",
        "promptresponse",
    ]


def test_everybody_finds_their_tokens_and_their_password_in_the_account_menu() -> None:
    assert links(page(staff()), ACCOUNT) == ["My API tokens", "Change password", "API documentation"]


def test_who_has_no_password_is_not_asked_to_change_it() -> None:
    client = Client()
    client.force_login(make_user(is_staff=True))
    assert "Change password" not in links(page(client), ACCOUNT)


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/nothing-is-here/"])
def test_who_is_not_signed_in_may_choose_the_language_and_the_theme(path: str) -> None:
    html = page(Client(), path) if path.endswith("login/") else page(staff(), path)
    assert re.findall(r'name="language" value="(\w+)"', html) == ["en", "th", "ar"]
    assert 'class="theme-toggle"' in html
    assert not PLACES.search(html)
    assert not ACCOUNT.search(html)


def test_a_username_is_only_text_in_the_header() -> None:
    (menu,) = ACCOUNT.findall(page(staff(username="<b>x</b>")))
    assert "&lt;b&gt;x&lt;/b&gt;" in menu
    assert "<b>" not in menu
