"""Activating versions in the console."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from prompts.admin import differences
from prompts.models import PromptType, PromptVersion
from prompts.services import testing
from prompts.services.testing import SandboxResult
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.versions import activated, active_number, active_version, address, entries, levels
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db


def test_activating_makes_it_the_active_version_and_says_how_to_go_back(manager_page: Client) -> None:
    version = make_version()
    page = manager_page.post(address(version, "activate"), {"replaced": "1"}, follow=True)
    assert (active_number(), levels(page)) == (2, ["success"])
    assert "Version 2 is the active version now. To go back, activate Version 1 again." in page.text
    assert entries(version) == ["prompt_version.created", "prompt_version.activated"]


def test_going_back_is_activating_the_older_version(manager_page: Client) -> None:
    activated(make_version())
    older = PromptVersion.objects.get(prompt_type__slug="text", version_number=1)
    manager_page.post(address(older, "activate"), {"replaced": "2"})
    assert active_number() == 1


def test_the_question_shows_each_line_that_changes_with_its_sign(manager_page: Client) -> None:
    old = make_version("Read:\n{{input}}\nBe brief.\n", parameters={"temperature": 0.5})
    activated(old)
    new = make_version("Read:\n{{input}}\nBe <i>exact</i>.\n", model="simulator/default")
    text = manager_page.get(address(new, "activate")).text
    assert '<td class="sign">−</td><td><div class="line" dir="auto">Be brief.</div>' in text
    assert '<td class="sign">+</td><td><div class="line" dir="auto">Be &lt;i&gt;exact&lt;/i&gt;.</div>' in text
    for expected in ("Template: from Version 2 to Version 3", "Model: from", "Parameters: from", "simulator/default"):
        assert expected in text
    assert "Field schema: from" not in text


def test_the_question_shows_the_last_test_of_the_new_version(manager_page: Client) -> None:
    version = make_version()
    assert '<p class="warning">It was not tested yet.</p>' in manager_page.get(address(version, "activate")).text
    testing.keep([SandboxResult(version.pk, {"answer": "Tested."})])
    assert "Tested." in manager_page.get(address(version, "activate")).text


@pytest.mark.parametrize(("template", "direction"), [("1. Read {{input}}", "ltr"), ("(اقرأ) {{input}}", "rtl")])
def test_the_signs_stand_where_the_lines_of_the_template_begin(
    manager_page: Client, template: str, direction: str
) -> None:
    page = manager_page.get(address(make_version(template), "activate"))
    assert [difference.direction for difference in page.context["differences"]] == [direction]


def test_of_very_many_changed_lines_the_first_are_shown(manager_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "MOST_ROWS", 10)
    version = make_version("{{input}}" + "\nx" * 50)
    text = manager_page.get(address(version, "activate")).text
    assert text.count('<tr class="insert">') == 10 - 1
    assert "more lines are left out here." in text


def test_long_unchanged_parts_are_counted_and_not_shown(manager_page: Client) -> None:
    same = "\n".join(f"line {number}" for number in range(100))
    old = make_version(f"{{{{input}}}}\n{same}\nold")
    activated(old)
    text = manager_page.get(address(make_version(f"{{{{input}}}}\n{same}\nnew"), "activate")).text
    assert "98 lines are the same" in text
    assert "line 50" not in text


def test_a_version_with_the_same_text_is_said_to_be_the_same(manager_page: Client) -> None:
    assert "Version 2 is the same as Version 1" in manager_page.get(address(make_version("{{input}}"), "activate")).text


def test_the_first_version_of_a_type_is_shown_whole(manager_page: Client) -> None:
    PromptType.objects.create(slug="letters", label="Letters")
    version = make_version("Write {{input}}.", prompt_type="letters")
    assert "No version of this type is active." in manager_page.get(address(version, "activate")).text
    manager_page.post(address(version, "activate"), {"replaced": ""})
    assert active_number("letters") == 1


def test_the_active_version_is_not_asked_about_again(manager_page: Client) -> None:
    active = active_version()
    for send in (manager_page.get, manager_page.post):
        page = send(address(active, "activate"), {"replaced": "1"}, follow=True)
        assert levels(page) == ["info"]
        assert "Version 1 is the active version already. Nothing was changed." in page.text
    assert entries(active) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_activate_at_the_same_moment_one_is_told_to_look_again() -> None:
    versions = [make_version("Mine: {{input}}"), make_version("Yours: {{input}}")]
    pages = [signed_in(make_staff("system.manage_all")) for _version in versions]
    barrier = Barrier(len(pages))

    def press(page: Client, version: PromptVersion) -> bool:
        """Whether it was done. From the text, as the test client mixes up the contexts of two threads."""
        barrier.wait(10)
        try:
            text = page.post(address(version, "activate"), {"replaced": "1"}, follow=True).text
            assert ("is the active version now" in text) != ("has changed in the meantime" in text)
            return "is the active version now" in text
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pages)) as pool:
        told = list(pool.map(press, pages, versions))
    assert sorted(told) == [False, True]
    assert active_version() == versions[told.index(True)]


@pytest.mark.parametrize("replaced", ["", "99", None])
def test_when_another_one_was_activated_meanwhile_nothing_is_done_and_the_new_differences_are_shown(
    manager_page: Client, replaced: str | None
) -> None:
    version, other = make_version("Mine: {{input}}"), make_version("Theirs: {{input}}")
    activated(other)
    values = {} if replaced is None else {"replaced": replaced}
    page = manager_page.post(address(version, "activate"), values, follow=True)
    assert (active_number(), levels(page)) == (3, ["error"])
    assert "The active version has changed in the meantime." in page.text
    assert "Theirs: {{input}}" in page.text
    assert '<input type="hidden" name="replaced" value="3"' in page.text
    assert entries(version) == ["prompt_version.created"]
    assert not LogEntry.objects.exists()


def test_what_is_no_number_of_a_version_activates_nothing(manager_page: Client) -> None:
    manager_page.post(address(make_version(), "activate"), {"replaced": "one"})
    assert active_number() == 1


# --- Four eyes ------------------------------------------------------------------------------------


@pytest.fixture
def reviewed() -> None:
    PromptType.objects.filter(slug="text").update(requires_review=True)


@pytest.mark.usefixtures("reviewed")
def test_an_author_is_told_to_ask_a_colleague_and_asked_for_a_reason(manager: Any) -> None:
    version, page = make_version(author=manager), signed_in(manager)
    assert "You wrote this version" in page.get(address(version, "activate")).text
    answer = page.post(address(version, "activate"), {"replaced": "1", "bypass_reason": "  "})
    assert answer.text.count("You wrote this version") == 1
    assert answer.context["form"].errors == {"bypass_reason": ["Say why; a few words are enough."]}
    assert active_number() == 1


@pytest.mark.usefixtures("reviewed")
def test_an_author_with_a_reason_activates_their_own_version_and_that_is_recorded(manager: Any) -> None:
    version = make_version(author=manager)
    signed_in(manager).post(address(version, "activate"), {"replaced": "1", "bypass_reason": "Night shift"})
    assert (active_number(), entries(version)[-1]) == (2, "prompt_version.review_bypassed")


@pytest.mark.usefixtures("reviewed")
def test_a_reason_that_is_too_long_is_told_at_its_field(manager: Any) -> None:
    version = make_version(author=manager)
    values = {"replaced": "1", "bypass_reason": "x" * 501}
    page = signed_in(manager).post(address(version, "activate"), values)
    assert list(page.context["form"].errors) == ["bypass_reason"]
    assert active_number() == 1


@pytest.mark.usefixtures("reviewed")
def test_a_colleague_is_not_asked_for_a_reason(manager_page: Client) -> None:
    version = make_version()
    text = manager_page.get(address(version, "activate")).text
    assert f"<bdi>{version.author}</bdi> wrote it, so you may activate it." in text
    assert "bypass_reason" not in text
    manager_page.post(address(version, "activate"), {"replaced": "1"})
    assert entries(version)[-1] == "prompt_version.activated"
