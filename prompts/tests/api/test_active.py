"""GET …/active: the hot path answers exactly whom, and what, the ordinary one would."""

from __future__ import annotations

import gc
import time
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from prompts.active_version import ActiveVersion
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version
from prompts.tests.personas import client_of

pytestmark = pytest.mark.django_db

ACTIVE = "/api/ai/prompts/text/active"
#: A query makes no difference to the answer, but to the way that it is made.
WAYS = pytest.mark.parametrize("path", [ACTIVE, f"{ACTIVE}?way=ordinary", f"{ACTIVE}/"])


def with_token(token: Token | str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def activated(template: str = "Say {{input}}.", **values: Any) -> PromptVersion:
    version = make_version(template, **values)
    return lifecycle.activate_version("text", version.version_number, actor=make_user()).version


@WAYS
def test_it_shows_the_version_in_use(as_stranger: APIClient, path: str) -> None:
    version = activated("Say {{input}} in {{tongue}}, {{input}}!", parameters={"temperature": 0.5})
    assert version.activated_at is not None
    assert as_stranger.get(path).json() == {
        "data": {
            "promptType": "text",
            "versionNumber": 2,
            "template": "Say {{input}} in {{tongue}}, {{input}}!",
            "isActive": True,
            "templateSha256": version.template_sha256,
            "placeholders": ["input", "tongue"],
            "model": "",
            "parameters": {"temperature": 0.5},
            "fieldSchema": None,
            "activatedAt": version.activated_at.isoformat().replace("+00:00", "Z"),
            "createdAt": version.created_at.isoformat().replace("+00:00", "Z"),
        }
    }


def test_both_ways_give_the_same_bytes_and_headers(as_owner: APIClient) -> None:
    """But for those of the middleware that the quick way leaves out; the content policy forbids frames as well."""
    quick, ordinary = as_owner.get(ACTIVE), as_owner.get(f"{ACTIVE}?way=ordinary")
    assert quick.content == ordinary.content
    left_out = {"X-Correlation-ID", "Vary", "Content-Language", "X-Frame-Options"}
    both = [{name: value for name, value in way.headers.items() if name not in left_out} for way in (quick, ordinary)]
    assert both[0] == both[1]
    assert "frame-ancestors 'none'" in both[0]["Content-Security-Policy"]


def test_a_host_that_is_not_ours_is_refused(as_owner: APIClient) -> None:
    assert as_owner.get(ACTIVE, HTTP_HOST="evil.example.com").status_code == 400


def test_a_program_with_a_token_costs_one_round_trip(as_owner: APIClient, django_assert_num_queries: Any) -> None:
    as_owner.get(ACTIVE)
    with django_assert_num_queries(1):
        as_owner.get(ACTIVE)


@WAYS
def test_who_has_the_version_gets_304_until_another_is_activated(as_owner: APIClient, path: str) -> None:
    etag = as_owner.get(path).headers["ETag"]
    same = as_owner.get(path, HTTP_IF_NONE_MATCH=etag)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", etag)
    assert same.headers["Cache-Control"] == "private, no-cache"
    activated()
    other = as_owner.get(path, HTTP_IF_NONE_MATCH=etag)
    assert other.status_code == 200
    assert other.headers["ETag"] != etag


@pytest.mark.parametrize("form", ["*", "W/{0}", '"other", {0}', '"other",{0}'])
def test_every_form_of_if_none_match_is_understood(as_owner: APIClient, form: str) -> None:
    etag = as_owner.get(ACTIVE).headers["ETag"]
    assert as_owner.get(ACTIVE, HTTP_IF_NONE_MATCH=form.format(etag)).status_code == 304


@pytest.mark.parametrize("value", ["", "nonsense", '"', "\xff", '"other"'])
def test_an_if_none_match_that_is_not_ours_gets_the_version(as_owner: APIClient, value: str) -> None:
    assert as_owner.get(ACTIVE, HTTP_IF_NONE_MATCH=value).status_code == 200


@pytest.mark.parametrize("header", ["If-Match", "If-Modified-Since", "If-Unmodified-Since"])
def test_other_conditions_are_not_looked_at(as_owner: APIClient, header: str) -> None:
    assert as_owner.get(ACTIVE, headers={header: "Sat, 21 Nov 2026 08:00:00 GMT"}).status_code == 200


def test_the_same_version_activated_again_later_is_another_answer(as_owner: APIClient) -> None:
    etag = as_owner.get(ACTIVE).headers["ETag"]
    activated()
    lifecycle.activate_version("text", 1, actor=make_user())
    assert as_owner.get(ACTIVE).headers["ETag"] != etag


def test_nothing_is_kept_of_a_version_that_was_replaced(as_owner: APIClient) -> None:
    """A template may have half a megabyte."""
    templates = [f"Say {{{{input}}}} {number} times." for number in range(3)]
    for template in templates:
        activated(template)
        as_owner.get(ACTIVE)
    assert kept_in_memory(templates) == templates[-1:]


def kept_in_memory(templates: list[str]) -> list[str]:
    """Those that a version in memory has. By exact type, for isinstance() asks weak proxies, and some are dead."""
    gc.collect()
    versions = [one for one in gc.get_objects() if type(one) is ActiveVersion]
    return [template for template in templates if any(one.template == template for one in versions)]


def test_a_note_leaves_the_etag_alone(as_owner: APIClient) -> None:
    etag = as_owner.get(ACTIVE).headers["ETag"]
    lifecycle.annotate_version("text", 1, note="Works well.")
    PromptVersion.objects.filter(prompt_type__slug="text").update(test_result_json={"text": "x"})
    assert as_owner.get(ACTIVE).headers["ETag"] == etag


def test_head_has_the_headers_of_get_and_no_body(as_owner: APIClient) -> None:
    head, get = as_owner.head(ACTIVE), as_owner.get(ACTIVE)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]


def test_a_type_without_an_active_version_is_told_from_one_that_is_missing(as_owner: APIClient) -> None:
    PromptType.objects.create(slug="poem", label="Poem")
    none_active, no_type = as_owner.get("/api/ai/prompts/poem/active"), as_owner.get("/api/ai/prompts/prose/active")
    assert (none_active.status_code, no_type.status_code) == (404, 404)
    assert none_active.json()["message"] == "The prompt type “poem” has no active version."
    assert no_type.json()["message"] == "There is no prompt type “prose”."
    assert set(no_type.json()) == {"message", "userMessage", "recoveryAction"}


@WAYS
def test_nobody_reads_without_signing_in(path: str) -> None:
    answer = client_of().get(path)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


@WAYS
def test_a_deactivated_account_is_out_at_once(owner: Any, as_owner: APIClient, path: str) -> None:
    assert as_owner.get(path).status_code == 200
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert as_owner.get(path).status_code == 401


@WAYS
def test_a_changed_password_ends_the_tokens_of_before_at_once(owner: Any, as_owner: APIClient, path: str) -> None:
    assert as_owner.get(path).status_code == 200
    owner.set_password("correct horse battery staple")
    owner.save()
    assert as_owner.get(path).status_code == 401
    assert client_of(owner).get(path).status_code == 200


@WAYS
def test_a_token_of_an_account_that_is_gone_is_worth_nothing(path: str) -> None:
    user = make_user()
    client = client_of(user)
    assert client.get(path).status_code == 200
    user.delete()
    assert client.get(path).status_code == 401


@WAYS
def test_a_token_that_was_accepted_before_expires_all_the_same(owner: Any, path: str) -> None:
    token = AccessToken.for_user(owner)
    token.set_exp(lifetime=timedelta(seconds=2))
    client = with_token(token)
    assert client.get(path).status_code == 200
    time.sleep(2)
    assert client.get(path).status_code == 401


def mistyped(user: Any) -> str:
    token = str(AccessToken.for_user(user))
    return f"{token[:-5]}{'A' if token[-5] != 'A' else 'B'}{token[-4:]}"


def without(claim: str, user: Any) -> Token:
    token = AccessToken.for_user(user)
    del token[claim]
    return token


def of_nobody(user: Any) -> Token:
    token = AccessToken.for_user(user)
    token["user_id"] = "0"
    return token


@WAYS
@pytest.mark.parametrize(
    "make",
    [
        RefreshToken.for_user,
        mistyped,
        of_nobody,
        lambda user: without("hash_password", user),
        lambda user: without("exp", user),
        lambda user: f"{AccessToken.for_user(user)} x",
        lambda user: "",
        lambda user: "é",
        lambda user: "eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoiMSJ9.",
    ],
    ids=["refresh", "mistyped", "of nobody", "without hash", "without exp", "two words", "empty", "accent", "none"],
)
def test_no_other_token_is_accepted(owner: Any, make: Any, path: str) -> None:
    assert with_token(make(owner)).get(path).status_code == 401


@pytest.mark.parametrize("scheme", ["bearer {}", "Basic {}", "{}", "Bearer\t{}"])
def test_the_scheme_is_read_as_everywhere_else(owner: Any, scheme: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=scheme.format(AccessToken.for_user(owner)))
    assert client.get(ACTIVE).status_code == client.get("/api/ai/models").status_code


def test_a_session_works_as_well(owner: Any) -> None:
    client = APIClient()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(ACTIVE).json()["data"]["versionNumber"] == 1


def test_people_get_a_page(as_owner: APIClient, settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    page = as_owner.get(ACTIVE, HTTP_ACCEPT="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "templateSha256" in page.content.decode()
    assert (page.headers.get("ETag"), page.headers["Cache-Control"]) == (None, "private, no-cache")


def test_what_is_no_json_is_refused(as_owner: APIClient) -> None:
    assert as_owner.get(ACTIVE, HTTP_ACCEPT="application/xml").status_code == 406


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_can_only_be_read(as_admin: APIClient, method: str) -> None:
    answer = getattr(as_admin, method)(ACTIVE)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_the_thai_and_arabic_of_a_template_come_as_they_are(as_owner: APIClient) -> None:
    activated("สรุป {{input}} تلخيص\r\n\t“”")
    assert as_owner.get(ACTIVE).json()["data"]["template"] == "สรุป {{input}} تلخيص\r\n\t“”"
