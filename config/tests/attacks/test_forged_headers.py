"""Forged headers: what a caller says of the host, the way, the method or the site that it comes from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from prompts.models import PromptRequest
from prompts.tests.factories import make_request
from prompts.tests.personas import client_of

HOSTS = [
    "evil.example",
    "testserver.evil.example",
    "testserver@evil.example",
    "testserver:80@x",
    "",
    "a b",
    "[::1",
    "x\ty",
]
PATHS = ["/admin/login/", "/api/ai/prompts/", "/api/ai/prompts/text/active", "/api/docs/", "/nothing"]
FORWARDED = [
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Server": "evil.example"},
    {"X-Host": "evil.example"},
    {"Forwarded": "host=evil.example;proto=https;for=127.0.0.1"},
    {"X-Original-URL": "/admin/operations/", "X-Rewrite-URL": "/admin/operations/"},
    {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"},
]


@pytest.mark.parametrize("path", PATHS)
def test_a_host_that_is_not_ours_is_refused(root: Any, path: str) -> None:
    answers = {host: client_of(root).get(path, headers={"Host": host}) for host in HOSTS}
    told = {host: (answer.status_code, b"evil.example" in answer.content) for host, answer in answers.items()}
    assert told == dict.fromkeys(HOSTS, (400, False))


@pytest.mark.parametrize("headers", FORWARDED, ids=lambda headers: next(iter(headers)))
def test_what_a_proxy_would_say_is_worth_nothing_without_one(root: Any, headers: dict[str, str]) -> None:
    client = client_of(root)
    plain, forged = (client.get("/api/ai/prompts/", {"page_size": 1}, headers=each) for each in ({}, headers))
    assert (forged.status_code, forged.content) == (plain.status_code, plain.content)
    assert Client().get("/admin/", headers=headers).headers["Location"].startswith("/admin/login/")


def test_links_to_the_next_page_name_no_forged_host(root: Any) -> None:
    for _time in range(2):
        make_request(root)
    answer = client_of(root).get("/api/ai/prompts/", {"page_size": 1}, headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert answer.json()["next"]


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_the_one_of_the_request(root: Any, header: str) -> None:
    request = make_request(root)
    answer = client_of(root).get(f"/api/ai/prompts/{request.pk}/cancel", headers={header: "POST"})
    assert answer.status_code == 405
    assert client_of(root).post("/api/ai/prompts/?_method=DELETE", {"_method": "DELETE"}).status_code == 400
    assert PromptRequest.objects.get().status == "pending"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000"])
def test_no_other_site_may_read_an_answer(root: Any, path: str, origin: str) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    client = client_of(root)
    for answer in (client.get(path, headers={"Origin": origin}), client.options(path, headers=asked)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PROPFIND", "DEBUG", "get", "G\x00T"])
def test_an_odd_method_is_no_error_of_ours(root: Any, method: str) -> None:
    for path in ("/api/ai/prompts/", "/api/ai/prompts/text/active", "/admin/login/", "/healthz"):
        answer = client_of(root).generic(method, path, headers={"X-Secret": "canary-of-a-header"})
        assert 400 <= answer.status_code < 500 or method == "get"
        assert b"canary-of-a-header" not in answer.content


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "en;q=" + "9" * 5000},
        {"Accept-Language": ",".join(["a-" * 20] * 2000)},
        {"Accept": ",".join(["text/x;q=0.1"] * 20_000)},
        {"Accept": "*/*;q=x;;;=", "Content-Type": "application/json;charset=nonsense"},
        {"If-None-Match": ",".join(['"x"'] * 20_000)},
        {"Cookie": "; ".join(f"a{number}=b" for number in range(5000))},
        {"Cookie": 'sessionid=\x00\'; csrftoken="\\777"; django_language=../../x'},
        {"Range": "bytes=0-,-1,5-2" * 1000},
        {"HX-Request": "true", "HX-Current-URL": "javascript:alert(1)", "HX-Target": "<x>"},
        {"Authorization": "Bearer " + "\xff" * 1000},
        {"Authorization": "Bearer " + "a." * 5000},
        {"Content-Length": "-1"},
        {"Content-Length": "0x10"},
        {"Content-Length": "\xb2"},
        {"X-Correlation-ID": "a" * 100_000},
    ],
    ids=lambda headers: f"{next(iter(headers))}-{len(str(headers))}",
)
def test_an_odd_header_is_no_error_of_ours(root: Any, headers: dict[str, str]) -> None:
    for path in PATHS:
        assert client_of(root).get(path, headers=headers).status_code < 500, path
    assert client_of(root).post("/api/ai/prompts/", {}, headers=headers).status_code < 500
