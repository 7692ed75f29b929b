"""`manage.py activate_prompt`."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from prompts.models import PromptVersion
from prompts.services.types import change_type
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_user, make_version
from prompts.tests.personas import make_admin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def superuser() -> Any:
    return make_user("root", is_superuser=True)


def active() -> int:
    return PromptVersion.objects.get(prompt_type__slug="text", is_active=True).version_number


def test_the_version_is_active_afterwards_and_it_says_in_place_of_which() -> None:
    number = make_version().version_number
    output, _errors = run("activate_prompt", "text", str(number))
    assert (active(), output) == (number, f"text {number} is active now in place of 1.\n")


def test_an_older_version_can_be_activated_again() -> None:
    run("activate_prompt", "text", str(make_version().version_number))
    run("activate_prompt", "text", "1")
    assert active() == 1


def test_the_active_version_again_changes_nothing_and_says_so() -> None:
    assert run("activate_prompt", "text", "1")[0] == "text 1 is active already. Nothing was changed.\n"
    assert not AuditEntry.objects.filter(action="prompt_version.activated").exists()


def test_the_log_tells_who_it_was() -> None:
    admin = make_admin()
    run("activate_prompt", "text", str(make_version().version_number), "--user", "admin")
    entry = AuditEntry.objects.get(action="prompt_version.activated")
    assert (entry.actor_id, entry.channel) == (admin.pk, "command")


def test_the_author_needs_a_reason_where_the_type_requires_review(superuser: Any) -> None:
    change_type("text", actor=None, requires_review=True)
    number = str(make_version(author=superuser).version_number)
    error = refusal("activate_prompt", "text", number)
    assert (error.returncode, "--reason" in str(error), active()) == (2, True, 1)
    run("activate_prompt", "text", number, "--reason", "The night shift is alone.")
    assert AuditEntry.objects.filter(action="prompt_version.review_bypassed").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["text", "99"], "no version 99"),
        (["nonsense", "1"], "nonsense"),
        (["text", "0"], "no version 0"),
        (["text", str(10**30)], "no version"),
        (["text", "1", "--user", "nobody"], "no active user 'nobody'"),
        (["text", "1", "--user", "somchai"], "may not change versions"),
    ],
)
def test_what_can_not_be_is_refused_with_the_exit_code_2(arguments: list[str], told: str) -> None:
    make_user("somchai")
    error = refusal("activate_prompt", *arguments)
    assert (error.returncode, told in str(error)) == (2, True)
