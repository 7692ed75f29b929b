"""What requests tell of the version that they used, and how one gets from one to the other."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prompts.models import PromptRequest
from prompts.services import lifecycle
from prompts.tests.admin.conftest import signed_in
from prompts.tests.admin.stories import answered
from prompts.tests.admin.versions import address
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db

LIST = "admin:prompts_promptrequest_changelist"


def page_of(request: PromptRequest) -> str:
    return reverse("admin:prompts_promptrequest_change", args=[request.pk])


def test_the_version_that_was_used_and_what_filled_it_are_shown(superuser_page: Client) -> None:
    version = make_version()
    request = make_request(version=version, variables={"input": "<script>สวัสดี"}, is_sandbox=True)
    text = superuser_page.get(page_of(request)).text
    used = reverse("admin:prompts_promptversion_change", args=[version.pk])
    assert f'<a href="{used}">Version 2</a>  <span class="badge badge-sandbox">Test</span>' in text
    assert '<th scope="row"><code dir="ltr">input</code></th>' in text
    assert "&lt;script&gt;สวัสดี" in text


def test_who_may_not_look_at_versions_is_told_the_number_and_not_led_there(onlooker: Any) -> None:
    text = signed_in(onlooker).get(page_of(make_request(onlooker, version=make_version()))).text
    assert "Version 2" in text
    assert "promptversion" not in text


def test_a_request_that_used_no_version_names_none(superuser_page: Client) -> None:
    text = superuser_page.get(page_of(make_request())).text
    assert "<dt>Version</dt>" not in text
    assert "What took the place" not in text


def test_the_receipt_shows_the_hashes_of_template_prompt_and_answer(superuser_page: Client) -> None:
    version = make_version()
    text = superuser_page.get(page_of(answered("Paid.", version=version, prompt_text="Say it."))).text
    for hashed in (version.template, "Say it.", "Paid."):
        assert hashlib.sha256(hashed.encode()).hexdigest() in text


def test_the_page_counts_the_requests_and_leads_to_them(manager_page: Client) -> None:
    version = make_version()
    used = make_request(version=version)
    make_request()
    page = manager_page.get(address(version))
    requests = f"/admin/prompts/promptrequest/?version={version.pk}"
    assert f'<a href="{requests}">1</a>' in page.text
    assert list(manager_page.get(requests).context["cl"].result_list) == [used]


@pytest.mark.parametrize("key", ["0", "-1", "x", "99999999999999999999", "<b>"])
def test_a_version_that_is_not_there_was_used_by_no_request(manager_page: Client, key: str) -> None:
    make_request(version=make_version())
    page = manager_page.get("/admin/prompts/promptrequest/", {"version": key})
    assert list(page.context["cl"].result_list) == []
    assert "<b>" not in page.text


def test_a_row_tells_which_version_was_used_and_whether_that_was_a_test(superuser_page: Client) -> None:
    version = make_version()
    make_request(version=version, is_sandbox=True)
    assert 'Version 2 <span class="badge badge-sandbox">Test</span>' in superuser_page.get(reverse(LIST)).text
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    assert "Version 2 (deleted)" in superuser_page.get(reverse(LIST)).text
