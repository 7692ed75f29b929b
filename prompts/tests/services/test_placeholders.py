"""Which placeholder a text fills that comes without a name."""

from __future__ import annotations

import pytest

from prompts.exceptions import InvalidInput
from prompts.services import active, lifecycle
from prompts.services.placeholders import text_placeholder
from prompts.services.types import change_type, create_type
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kind() -> None:
    create_type(slug="free", label="Free", actor=make_user())


def test_the_only_one_of_the_template() -> None:
    assert text_placeholder(make_version("Read {{it}}, {{it}}.", prompt_type="free")) == "it"


def test_the_only_one_that_the_type_requires() -> None:
    change_type("free", actor=make_user(), required_placeholders=["page"])
    assert text_placeholder(make_version("In {{language}}: {{page}}", prompt_type="free")) == "page"


def test_the_active_version_as_it_is_kept_in_the_cache_has_one_too() -> None:
    version = make_version("Read {{it}}.", prompt_type="free")
    lifecycle.activate_version("free", version.version_number, actor=make_user())
    assert text_placeholder(active.read("free")) == "it"


@pytest.mark.parametrize(
    ("template", "words"), [("Nothing.", "no placeholder"), ("{{one}} {{two}}", "{{one}}, {{two}}")]
)
def test_where_it_is_not_clear_it_says_so_on_the_field(template: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        text_placeholder(make_version(template, prompt_type="free"), field="file")
    assert set(caught.value.errors) == {"file"}
    assert words in str(caught.value.message)
