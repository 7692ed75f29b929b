"""Open redirect: nobody is led to another site by a link to this one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from config.tests.conftest import PASSWORD
from prompts.tests.admin.conftest import signed_in

TARGETS = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "http:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://evil.example/",
    "\thttps://evil.example/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//testserver:x@evil.example/",
    "/%09/evil.example",
    "\x00//evil.example",
]


def assert_stays_here(answer: Any, case: str = "") -> None:
    """Where the browser goes next is a path of this server."""
    target = urlsplit(answer.headers.get("Location", "/"))
    assert (target.scheme, target.netloc) in {("", ""), ("http", "testserver")}, case
    assert "\\" not in target.path, case
    assert answer.status_code < 500, case


@pytest.mark.parametrize("page", ["/admin/login/", "/api-auth/login/"])
def test_signing_in_leads_nowhere_else(ann: Any, page: str) -> None:
    ann.is_staff = True
    ann.save()
    for target in TARGETS:
        sent = {"username": "ann", "password": PASSWORD, "next": target}
        assert_stays_here(Client().post(page, sent, query_params={"next": target}), target)
        assert_stays_here(signed_in(ann).get(page, {"next": target}), target)


@pytest.mark.parametrize("page", ["/i18n/setlang/", "/api-auth/logout/", "/admin/logout/"])
def test_neither_does_choosing_a_language_or_signing_out(root: Any, page: str) -> None:
    for target in TARGETS:
        sent, headers = {"language": "ar", "next": target}, {"Referer": target.strip("\x00")}
        assert_stays_here(signed_in(root).post(page, sent, query_params={"next": target}, headers=headers), target)


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/admin", "/admin//evil.example", "/admin"])
def test_no_path_becomes_the_name_of_a_site(console: Client, path: str) -> None:
    assert_stays_here(console.generic("GET", path))


@pytest.mark.parametrize("name", ["next", "_popup", "_to_field", "_changelist_filters", "return", "back", "redirect"])
def test_no_page_of_the_console_takes_where_to_go_from_its_address(console: Client, name: str) -> None:
    answer = console.get("/admin/prompts/promptrequest/", {name: "https://evil.example/"}, follow=True)
    assert all(urlsplit(url).netloc in {"", "testserver"} for url, _status in answer.redirect_chain)
    assert 'href="https://evil.example' not in answer.text
