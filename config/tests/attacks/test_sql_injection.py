"""SQL injection: by header, filter, search, ordering, cursor, identifier and name. Values are values."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from config.models import User
from prompts.tests.factories import make_request
from prompts.tests.personas import client_of

pytestmark = pytest.mark.timeout(300)

PAYLOADS = [
    "'",
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    '" OR ""="',
    "1 UNION SELECT password FROM users",
    "1) OR 1=1 --",
    "(SELECT pg_sleep(60))",
    "\\'; SELECT 1; --",
    "%' OR 1=1 --",
    "%(x)s %s",
    "$$; DROP TABLE users; $$",
    "\u02bc OR 1=1",
]
LISTS = {
    "/api/ai/prompts/": ["status", "model", "user", "search", "cursor", "page_size", "created_after", "ordering"],
    "/api/ai/prompt-types/": ["is_active", "cursor", "ordering"],
    "/api/ai/prompts/text": ["page", "cursor", "ordering"],
    "/api/ai/documents/": ["state", "name", "cursor", "ordering"],
    "/api/ai/documents/batches/": ["state", "promptType", "cursor"],
    "/api/audit/": ["action", "actor", "target", "cursor", "since"],
    "/api/tokens/": ["cursor", "ordering"],
}
PATHS = [
    "/api/ai/prompts/{}",
    "/api/ai/prompts/text/{}",
    "/api/ai/prompts/{}/active",
    "/api/ai/prompt-types/{}",
    "/api/ai/documents/{}",
    "/api/ai/documents/sets/{}",
    "/api/tokens/{}",
    "/admin/prompts/promptrequest/{}/change/",
    "/admin/system/user/{}/change/",
]
CHANGE_LISTS = ["prompts/promptrequest", "prompts/promptversion", "prompts/prompttype", "documents/document"]
CHANGE_LISTS += ["documents/batch", "system/user", "system/apitoken", "audit/auditentry"]
NAMES = ["q", "o", "p", "user__exact", "status__exact", "id__in", "password__startswith", "version", "action"]


@pytest.fixture
def api(root: Any) -> Any:
    make_request(root)
    return client_of(root)


def of(calls: list[Any]) -> set[int]:
    """The statuses; nothing that was tried has emptied a table."""
    assert User.objects.filter(username="root").exists()
    return {answer.status_code for answer in calls}


@pytest.mark.parametrize("path", LISTS)
def test_by_a_filter_it_is_a_value_or_refused(api: Any, path: str) -> None:
    calls = [api.get(path, {name: payload}) for name in LISTS[path] for payload in PAYLOADS]
    assert of(calls) <= {200, 400}


@pytest.mark.parametrize("path", PATHS)
def test_by_an_identifier_it_names_nothing(root: Any, path: str) -> None:
    browser = client_of(root)
    browser.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    calls = [browser.get(path.format(quote(payload, safe=""))) for payload in PAYLOADS]
    assert of(calls) <= {200, 302, 400, 404, 405}
    # A type that does not exist has no versions.
    assert {answer.content for answer in calls if answer.status_code == 200} <= {b'{"data":[]}'}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_by_a_header_it_opens_nothing(root: Any, payload: str) -> None:
    payload = payload.encode("ascii", "replace").decode()
    headers = [{"Authorization": f"{scheme} {payload}"} for scheme in ("Bearer", "Bearer apm_", "Basic", "")]
    paths = ("/api/ai/prompts/", "/api/ai/prompts/text/active")
    assert of([client_of().get(path, headers=each) for path in paths for each in headers]) == {401}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_by_a_name_it_signs_nobody_in(root: Any, payload: str) -> None:
    body = {"username": payload, "password": payload}
    assert of([client_of().post("/api/token/", body), Client().post("/admin/login/", body)]) <= {200, 401, 429}
    assert "_auth_user_id" not in Client().post("/admin/login/", body).wsgi_request.session


@pytest.mark.parametrize("name", CHANGE_LISTS)
def test_by_a_list_of_the_console_it_finds_nothing_that_is_hidden(console: Client, name: str) -> None:
    queries = [urlencode({parameter: payload}) for parameter in NAMES for payload in PAYLOADS]
    assert of([console.get(f"/admin/{name}/?{query}") for query in queries]) <= {200, 302, 400, 403}
