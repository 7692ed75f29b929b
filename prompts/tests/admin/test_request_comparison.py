"""Two requests side by side, and sending one again with another version or model."""

from __future__ import annotations

import re
from time import process_time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts.admin import differences
from prompts.models import PromptRequest
from prompts.services import lifecycle, submission
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.stories import answered, paid
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db

LIST = reverse("admin:prompts_promptrequest_changelist")
COMPARE = reverse("admin:prompts_promptrequest_compare")


def compared(page: Client, left: PromptRequest, right: PromptRequest) -> str:
    answer = page.get(COMPARE, {"left": str(left.pk), "right": str(right.pk)})
    assert answer.status_code == 200
    return answer.text


def replay_of(request: PromptRequest) -> str:
    return reverse("admin:prompts_promptrequest_replay", args=[request.pk])


def filled(**values: Any) -> PromptRequest:
    """A request that filled in the first version of the type `text`."""
    return submission.submit(user=make_user(), prompt_type="text", variables={"input": "hello"}, **values)


def test_the_comparison_shows_models_durations_and_costs_of_both(superuser_page: Client) -> None:
    text = compared(superuser_page, paid("0.5", model="openai/gpt-5-mini"), answered(model="simulator/other"))
    for expected in ("openai/<wbr>gpt-5-mini", "simulator/<wbr>other", "2.3 s", "120 ms", "0.5"):
        assert expected in text


def test_answers_of_very_many_lines_are_compared_to_their_beginning_in_bounded_time() -> None:
    most = differences.MOST_LINES
    start = process_time()
    found = differences.difference("Answer", "a\n" * 500_000, "b\n" * 400_000)
    assert process_time() - start < 10
    assert (len(found.rows), found.left_out) == (
        differences.MOST_ROWS,
        2 * most - differences.MOST_ROWS + 500_000 - most,
    )
    later = differences.difference("Answer", "a\n" * most + "b", "a\n" * most)
    assert ([row.skipped for row in later.rows], later.left_out) == ([most], 1)


def test_prompts_are_compared_line_by_line(superuser_page: Client) -> None:
    text = compared(
        superuser_page, answered(prompt_text="same\nold <b>line</b>"), answered(prompt_text="same\nnew line")
    )
    assert '<tr class="delete">' in text
    assert "old &lt;b&gt;line&lt;/b&gt;" in text
    assert "new line" in text


def test_answers_that_are_objects_are_compared_field_by_field(superuser_page: Client) -> None:
    text = compared(superuser_page, answered('{"total": "5", "tax": "1"}'), answered('{"total": "6", "tax": "1"}'))
    assert text.count(">Differs</span>") == 1
    assert text.count(">Same</span>") == 1


def test_answers_that_are_texts_are_compared_line_by_line(superuser_page: Client) -> None:
    text = compared(superuser_page, answered("one\ntwo"), answered("one\nthree"))
    assert '<tr class="insert">' in text


def test_equal_answers_are_called_the_same(superuser_page: Client) -> None:
    assert "They are the same." in compared(superuser_page, answered("x"), answered("x"))


def test_a_request_without_an_answer_can_be_compared(superuser_page: Client) -> None:
    text = compared(superuser_page, answered("x"), make_request())
    assert "They are compared when both are there." in text


def test_the_action_of_the_list_leads_from_two_requests_to_their_comparison(superuser_page: Client) -> None:
    older, newer = answered(), answered()
    chosen = {"action": "compare_selected", "_selected_action": [str(newer.pk), str(older.pk)]}
    answer: Any = superuser_page.post(LIST, chosen)
    assert answer.url == f"{COMPARE}?left={older.pk}&right={newer.pk}"


@pytest.mark.parametrize("number", [1, 3])
def test_the_action_compares_neither_one_nor_three(superuser_page: Client, number: int) -> None:
    chosen = [str(answered().pk) for _number in range(number)]
    page = superuser_page.post(LIST, {"action": "compare_selected", "_selected_action": chosen}, follow=True)
    assert "Select two requests to compare them." in page.text


@pytest.mark.parametrize("right", ["", "x", "%00", "' OR 1=1", "01990000-0000-7000-8000-000000000009"])
def test_what_is_no_request_is_compared_with_nothing(superuser_page: Client, right: str) -> None:
    answer = superuser_page.get(COMPARE, {"left": str(answered().pk), "right": right})
    assert answer.status_code == 404


def test_the_comparison_needs_the_same_queries_whatever_is_compared(superuser_page: Client) -> None:
    version = make_version()
    pairs = [(answered(), answered()), (answered('{"a": 1}', version=version), answered("b " * 5_000))]
    counts = []
    for left, right in [pairs[0], *pairs]:
        with CaptureQueriesContext(connection) as queries:
            compared(superuser_page, left, right)
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 8


def test_a_replay_and_its_original_lead_to_their_comparison(superuser_page: Client) -> None:
    original = answered()
    replay = make_request(replay_of=original)
    address = f"{COMPARE}?left={original.pk}&amp;right={replay.pk}"
    for request in (original, replay):
        page = reverse("admin:prompts_promptrequest_change", args=[request.pk])
        assert address in superuser_page.get(page).text


def test_a_replay_offers_models_that_can_be_asked_and_no_patterns(superuser_page: Client, settings: Any) -> None:
    original = filled()
    vllm = {"backend": "providers.openai.OpenAICompatibleProvider", "api_key": "k", "base_url": "http://x/v1"}
    settings.LLM_PROVIDERS = settings.LLM_PROVIDERS | {"vllm": vllm}
    settings.MODELS_ALLOWED = ["vllm/*", "simulator/default"]
    offered = re.findall(r'<option value="([^"]+/[^"]+)"', superuser_page.get(replay_of(original)).text)
    assert offered == ["simulator/default"]


def test_a_replay_uses_the_chosen_version_and_model(superuser_page: Client) -> None:
    original = filled()
    version = make_version("Translate {{input}}.")
    superuser_page.post(replay_of(original), {"version_number": version.version_number, "model": " simulator/other "})
    replay = PromptRequest.objects.get(replay_of=original)
    assert (replay.version_id, replay.prompt_text, replay.model) == (version.pk, "Translate hello.", "simulator/other")


def test_a_replay_offers_the_versions_that_are_not_deleted(superuser_page: Client) -> None:
    gone, kept = make_version("{{input}}?"), make_version("{{input}}!")
    lifecycle.delete_version("text", gone.version_number, actor=make_user())
    text = superuser_page.get(replay_of(filled())).text
    assert f'<option value="{kept.version_number}">' in text
    assert f'<option value="{gone.version_number}">' not in text


def test_a_text_that_was_sent_ready_is_offered_no_version(superuser_page: Client) -> None:
    assert "version_number" not in superuser_page.get(replay_of(make_request())).text


def test_a_version_that_is_not_offered_is_refused_at_its_field(superuser_page: Client) -> None:
    original = filled()
    page = superuser_page.post(replay_of(original), {"version_number": "99"})
    assert "errorlist" in page.text
    assert not PromptRequest.objects.filter(replay_of=original).exists()


def test_a_model_that_is_not_there_is_refused(superuser_page: Client) -> None:
    original = answered()
    page = superuser_page.post(replay_of(original), {"model": "nobody/nothing"}, follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert not PromptRequest.objects.filter(replay_of=original).exists()


def test_who_may_not_look_at_versions_is_offered_none() -> None:
    viewer = make_staff("prompts.view_promptrequest")
    original = submission.submit(user=viewer, prompt_type="text", variables={"input": "hello"})
    assert "version_number" not in signed_in(viewer).get(replay_of(original)).text


def test_the_request_of_another_is_compared_by_who_manages_all_alone(onlooker: Any, manager_page: Client) -> None:
    own, foreign = answered(user=onlooker), answered("Confidential.")
    for query in ({"left": str(own.pk), "right": str(foreign.pk)}, {"left": str(foreign.pk), "right": str(own.pk)}):
        assert signed_in(onlooker).get(COMPARE, query).status_code == 404
        assert "Confidential." in manager_page.get(COMPARE, query).text


def test_staff_without_permissions_and_strangers_compare_nothing(client: Client) -> None:
    staff = make_user(is_staff=True)
    query = {"left": str(answered(user=staff).pk), "right": str(answered(user=staff).pk)}
    assert signed_in(staff).get(COMPARE, query).status_code == 404
    answer: Any = client.get(COMPARE, query)
    assert "/admin/login/" in answer.url
