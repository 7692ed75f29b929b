"""The list of versions and the page of one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.admin.versions import LIST, activated, active_version, address, deleted, shown
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db


def with_result(result: dict[str, Any], **values: Any) -> PromptVersion:
    version = make_version(**values)
    PromptVersion.objects.filter(pk=version.pk).update(test_result_json=result, last_tested_at=timezone.now())
    return version


def test_the_list_shows_the_newest_number_of_a_type_first(manager_page: Client) -> None:
    newer = make_version()
    newest = make_version()
    first = PromptVersion.objects.get(prompt_type__slug="text", version_number=1)
    assert shown(manager_page, prompt_type__slug__exact="text") == [newest, newer, first]


def test_a_row_tells_number_state_text_note_model_and_author(manager_page: Client) -> None:
    make_version("Say {{input}} thrice.", make_user("somchai"), manual_note="Shorter", model="simulator/default")
    text = manager_page.get(LIST).text
    for expected in ("Version 2", "Active", "Say {{input}} thrice.", "Shorter", "simulator/default", "somchai"):
        assert expected in text


@pytest.mark.parametrize(
    ("result", "mark"),
    [
        ({"subject": "Steel"}, "Answered"),
        ({"error": "auth", "message": "No key."}, "Failed"),
        ({"error": "in the document", "message": "…", "date": None}, "Answered"),
    ],
)
def test_the_last_test_is_marked_by_how_it_ended(manager_page: Client, result: dict[str, Any], mark: str) -> None:
    version = with_result(result)
    for page in (LIST, address(version)):
        assert manager_page.get(page).text.count(f">{mark}</span>") == 1


def test_deleted_versions_are_shown_to_who_asks_for_them(manager_page: Client) -> None:
    gone = deleted()
    assert gone not in shown(manager_page)
    assert shown(manager_page, state="deleted") == [gone]
    assert gone in shown(manager_page, state="any")


def test_the_active_versions_can_be_picked_out(manager_page: Client) -> None:
    make_version()
    assert {version.is_active for version in shown(manager_page, state="active")} == {True}
    assert len(shown(manager_page, state="active")) == 5


def test_the_list_reads_no_more_of_a_template_than_it_shows(manager_page: Client) -> None:
    make_version()
    with CaptureQueriesContext(connection) as queries:
        manager_page.get(LIST)
    statements = " ".join(query["sql"] for query in queries)
    beginning = 'LEFT("prompt_versions"."template", 60)'
    assert statements.count('"prompt_versions"."template"') == statements.count(beginning) == 1
    assert '"field_schema"' not in statements


def test_the_page_tells_all_of_a_version(manager_page: Client) -> None:
    schema = {"type": "object", "title": "Answer"}
    version = make_version(
        "Say {{input}}.",
        make_user("somchai"),
        manual_note="ทดลอง",
        model="simulator/default",
        parameters={"temperature": 0.5},
        field_schema=schema,
    )
    text = manager_page.get(address(version)).text
    for expected in ("somchai", "ทดลอง", "simulator/default", "&quot;temperature&quot;: 0.5", "&quot;Answer&quot;"):
        assert expected in text
    assert f'<code dir="ltr" title="">{version.template_sha256}</code>' in text


def test_placeholders_stand_out_and_the_text_runs_in_its_own_direction(manager_page: Client) -> None:
    text = manager_page.get(address(make_version("مرحبا {{ input }}!"))).text
    marked = '<mark class="placeholder" dir="ltr">{{ input }}</mark>'
    assert f'<div class="long-text" dir="auto">مرحبا {marked}!</div>' in text


ATTACK = "<script>alert(1)</script>"


@pytest.mark.parametrize("page", ["change", "activate", "delete", "note", "test"])
def test_nothing_of_a_version_is_markup(manager_page: Client, page: str) -> None:
    version = make_version(ATTACK + "{{input}}", make_user(f"m{ATTACK}"), manual_note=ATTACK)
    PromptVersion.objects.filter(pk=version.pk).update(
        test_result_json={ATTACK: ATTACK, "deep": [ATTACK]}, last_tested_at=timezone.now()
    )
    PromptType.objects.filter(slug="text").update(label=ATTACK, default_model=ATTACK)
    for address_ in (address(version, page), LIST, f"{LIST}add/?from={version.pk}"):
        text = manager_page.get(address_).text
        assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_last_test_is_shown_field_by_field(manager_page: Client) -> None:
    text = manager_page.get(address(with_result({"subject": "เหล็ก", "tags": ["a", "b"], "date": None}))).text
    assert '<th scope="row"><bdi>subject</bdi></th><td><div class="value" dir="auto">เหล็ก</div>' in text
    assert "[&quot;a&quot;, &quot;b&quot;]" in text


def test_the_fields_of_a_test_stand_in_the_order_of_the_schema(manager_page: Client) -> None:
    version = with_result({"a": "1", "b": "2", "zebra": "3"}, field_schema={"required": ["zebra", "b"]})
    fields = manager_page.get(address(version)).context["last_test"].fields
    assert fields == [("zebra", "3"), ("b", "2"), ("a", "1")]


def test_a_version_that_was_never_tested_says_so(manager_page: Client) -> None:
    assert "It was not tested yet." in manager_page.get(address(make_version())).text


def test_the_history_tells_who_did_what(manager_page: Client) -> None:
    author = make_user("somchai")
    version = make_version(author=author)
    PromptType.objects.filter(slug="text").update(requires_review=True)
    lifecycle.activate_version("text", version.version_number, actor=author, bypass_reason="Night shift")
    events = manager_page.get(address(version)).context["history"]
    assert [(event.what, event.who, event.reason) for event in events] == [
        ("Version activated without a review", "somchai", "Night shift"),
        ("Version created", "somchai", ""),
    ]


def test_the_page_of_the_active_version_says_so_and_offers_no_deletion(manager_page: Client) -> None:
    active = active_version()
    text = manager_page.get(address(active)).text
    assert "It can&#x27;t be deleted while it is active" in text or "It can't be deleted while it is active" in text
    assert address(active, "delete") not in text
    assert address(active, "activate") not in text


def test_the_page_of_another_version_names_the_active_one(manager_page: Client) -> None:
    active = active_version()
    version = make_version()
    text = manager_page.get(address(version)).text
    assert "This version is not in use." in text
    for expected in (address(active), address(version, "activate"), address(version, "delete")):
        assert expected in text


def test_a_deleted_version_can_be_seen_and_loaded_as_a_draft_only(manager_page: Client) -> None:
    gone = deleted("Say {{input}} no more.")
    text = manager_page.get(address(gone)).text
    assert "This version is deleted." in text
    assert f"{LIST}add/?from={gone.pk}" in text
    for page in ("activate", "delete", "note", "test"):
        assert address(gone, page) not in text


def test_the_page_needs_as_many_queries_however_much_has_happened(manager_page: Client) -> None:
    quiet, busy = make_version(), with_result({"subject": "Steel"})
    for _number in range(5):
        make_request(version=busy)
        activated(busy)
        activated(quiet)
    manager_page.get(address(quiet))
    counts = []
    for version in (make_version(), busy):
        with CaptureQueriesContext(connection) as queries:
            manager_page.get(address(version))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 14


@pytest.mark.parametrize("identifier", ["0", "no-id", "99999999999999999999", "%00"])
def test_a_version_that_does_not_exist_leads_back_to_the_start(manager_page: Client, identifier: str) -> None:
    assert manager_page.get(f"{LIST}{identifier}/change/").status_code == 302
