"""`manage.py list_prompts`."""

from __future__ import annotations

import json

import pytest
from django.db.models.functions import Now

from prompts import answers, transfer_format
from prompts.models import PromptVersion
from prompts.services import lifecycle
from prompts.services.importing import import_prompts
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db


def lines(*arguments: str) -> list[list[str]]:
    return [line.split() for line in run("list_prompts", *arguments)[0].splitlines()[1:]]


def test_versions_are_listed_by_type_the_newest_first_and_the_active_one_is_marked() -> None:
    make_version("Say {{input}} twice.")
    assert [line[:3] for line in lines("text")] == [["text", "2", "Say"], ["text", "1", "*"]]
    assert [line[0] for line in lines()] == sorted(line[0] for line in lines())


def test_what_a_template_or_note_holds_is_shown_as_it_is_on_one_line() -> None:
    make_version("[bold]{{input}}[/bold]\n\x1b[31mred\n", manual_note="[/] ดี")
    output, _errors = run("list_prompts", "text")
    assert "[bold]{{input}}[/bold]  [31mred" in output
    assert "[/] ดี" in output
    assert "\x1b" not in output


def test_the_name_of_an_author_from_elsewhere_does_not_steer_the_terminal() -> None:
    version = {"number": 2, "template": "{{input}}", "author": "\x1b[2Jroot"}
    import_prompts(transfer_format.dump([{"slug": "text", "versions": [version]}]).encode(), actor=make_user())
    output, _errors = run("list_prompts", "text")
    assert ("root" in output, "\x1b" in output) == (True, False)


def test_a_failed_test_is_marked() -> None:
    version = make_version()
    PromptVersion.objects.filter(pk=version.pk).update(
        test_result_json=answers.failure("auth", "No."), last_tested_at=Now()
    )
    assert "failed" in lines("text")[0]


def test_deleted_versions_are_not_listed() -> None:
    version = make_version()
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    assert len(lines("text")) == 1


def test_as_json_it_has_the_whole_template() -> None:
    make_version("Sag {{input}}." + "x" * 500, parameters={"temperature": 0.5})
    listed = json.loads(run("list_prompts", "text", "--json")[0])
    assert [version["number"] for version in listed] == [2, 1]
    assert (len(listed[0]["template"]), listed[0]["parameters"]) == (514, {"temperature": 0.5})


def test_a_type_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    error = refusal("list_prompts", "nonsense")
    assert (error.returncode, "ocr_extraction" in str(error)) == (2, True)


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries) -> None:
    for _ in range(5):
        make_version()
    with django_assert_max_num_queries(2):
        run("list_prompts")
