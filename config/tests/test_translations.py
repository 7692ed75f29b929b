"""Whatever people read is there in Thai and in Arabic, and says the same."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import django
import pytest
import rest_framework
import rest_framework_simplejwt
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.i18n import JSONCatalog

from config import catalogues

NAMED = re.compile(r"%\(\w+\)[sdr]|\{\w+(?::\w+)?\}")
#: These are filled in by position, so every form needs each of them.
UNNAMED = re.compile(r"%[sd]|\{\}|%%")
LETTERS = {"th": re.compile("[\u0e00-\u0e7f]"), "ar": re.compile("[\u0600-\u06ff]")}

each_catalogue = pytest.mark.parametrize(
    ("language", "domain"), list(product(catalogues.LANGUAGES, catalogues.DOMAINS))
)
ADMIN = Path(django.__file__).parent / "contrib" / "admin"
ENGLISH = re.compile(r"[A-Za-z]{3,}")


@cache
def in_code(domain: str = "django") -> Catalog:
    """What the code wants translated; reading all of it takes a second."""
    return catalogues.template(domain)


def texts(catalogue: Catalog) -> list[Message]:
    """The messages of a catalogue without its header."""
    return [message for message in catalogue if message.id]


def ids(catalogue: Catalog) -> set[Any]:
    return {(message.context, message.id) for message in texts(catalogue)}


def forms(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [value]


def test_every_language_of_the_settings_but_english_has_a_catalogue() -> None:
    assert {code for code, _name in settings.LANGUAGES} - {"en"} == set(catalogues.LANGUAGES)


def test_texts_of_python_and_of_templates_are_found() -> None:
    found = {message.id for message in texts(in_code())}
    assert {"Pending", "There is no answer.", "The prompt text must not be empty."} <= found


@each_catalogue
def test_the_catalogue_holds_what_the_code_says_and_nothing_else(language: str, domain: str) -> None:
    wanted, kept = ids(in_code(domain)), ids(catalogues.read(language, domain))
    assert kept == wanted, "Run `manage.py translations`, and translate what it lists."


@each_catalogue
def test_every_text_is_translated(language: str, domain: str) -> None:
    assert [message.id for message in catalogues.untranslated(catalogues.read(language, domain))] == []


@each_catalogue
def test_every_translation_is_written_in_the_letters_of_its_language(language: str, domain: str) -> None:
    plain = {"%(number)s", "%(number)s %%", "%(name)s: %(reason)s", "SHA-256", "ID"}
    foreign = [
        message.id
        for message in texts(catalogues.read(language, domain))
        if message.id not in plain and not all(map(LETTERS[language].search, forms(message.string)))
    ]
    assert foreign == []


@each_catalogue
def test_every_translation_has_the_placeholders_of_its_text(language: str, domain: str) -> None:
    different = [message.id for message in texts(catalogues.read(language, domain)) if not _same_placeholders(message)]
    assert different == []


def _same_placeholders(message: Message) -> bool:
    wanted = set(NAMED.findall(" ".join(forms(message.id))))
    found = [set(NAMED.findall(form)) for form in forms(message.string)]
    unnamed = sorted(UNNAMED.findall(forms(message.id)[-1]))
    # "One" and "two" may be words instead of numbers.
    return (
        all(names <= wanted for names in found)
        and wanted == set().union(*found)
        and all(sorted(UNNAMED.findall(form)) == unnamed for form in forms(message.string))
    )


@each_catalogue
def test_every_plural_has_all_forms_of_its_language(language: str, domain: str) -> None:
    catalogue = catalogues.read(language, domain)
    plurals = [message for message in texts(catalogue) if isinstance(message.id, list | tuple)]
    assert [message.id for message in plurals if len(forms(message.string)) != catalogue.num_plurals] == []


@each_catalogue
def test_what_is_compiled_is_what_is_written(language: str, domain: str) -> None:
    compiled = catalogues.path_of(language, domain, "mo").read_bytes()
    assert compiled == catalogues.compiled(language, domain), "Run `manage.py translations`."


@each_catalogue
def test_every_translation_can_be_filled_in(language: str, domain: str) -> None:
    """Babel's own checks, which know the formats of Python."""
    assert [error for message in texts(catalogues.read(language, domain)) for error in message.check()] == []


def test_borrowed_texts_are_still_those_of_the_packages_they_come_from() -> None:
    packages = [Path(module.__file__ or "").parent for module in (django, rest_framework, rest_framework_simplejwt)]
    files = [path for package in packages for kind in ("*.py", "*.html") for path in package.rglob(kind)]
    borrowed = [message for message in texts(in_code()) if _is_borrowed(message)]
    assert _missing(borrowed, files) == []


def test_texts_of_scripts_are_still_those_of_the_admins_scripts() -> None:
    assert _missing(texts(in_code("djangojs")), ADMIN.rglob("*.js")) == []


def _missing(borrowed: list[Message], files: Iterable[Path]) -> list[str]:
    theirs = _plain(" ".join(path.read_text() for path in files))
    assert borrowed
    return [text for message in borrowed for text in forms(message.id) if _plain(text) not in theirs]


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_scripts_of_the_console_say_nothing_in_english(language: str) -> None:
    with (ADMIN / "locale/en/LC_MESSAGES/djangojs.po").open("rb") as file:
        wanted = {"\x04".join(filter(None, (one.context, forms(one.id)[0]))) for one in texts(read_po(file))}
    with translation.override(language):
        answer: Any = JSONCatalog.as_view(packages=["django.contrib.admin"])(RequestFactory().get("/"))
    said = json.loads(answer.content)["catalog"]
    assert wanted - set(said) == set()
    assert [form for value in said.values() for form in forms(value) if ENGLISH.search(NAMED.sub("", form))] == []


def _is_borrowed(message: Message) -> bool:
    return "config/borrowed_texts.py" in [name for name, _line in message.locations]


def _plain(text: str) -> str:
    """Without what depends on how a text is written down in code: quotes, line breaks, and a template's variables."""
    text = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", text)
    return re.sub(r"[\s\"'\\]+", "", text)


def test_the_command_brings_a_catalogue_to_the_code_and_lists_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogues, "path_of", lambda *names: tmp_path / ".".join(names))
    for language, domain in product(catalogues.LANGUAGES, catalogues.DOMAINS):
        old = f'msgid ""\nmsgstr "Language: {language}\\n"\n\nmsgid "Gone"\nmsgstr "x"\n\nmsgid "Pending"\nmsgstr "y"\n'
        (tmp_path / f"{language}.{domain}.po").write_text(old)
    output = io.StringIO()
    call_command("translations", stdout=output)
    thai = catalogues.read("th", "django")
    assert "Gone" not in thai
    assert thai["Pending"].string == "y"
    assert "  'Generating'\n" in output.getvalue()
    assert (tmp_path / "th.django.mo").read_bytes() == catalogues.compiled("th", "django")


@pytest.mark.parametrize(("language", "word"), [("en", "Pending"), ("th", "รอดำเนินการ"), ("ar", "قيد الانتظار")])
def test_the_language_of_the_reader_is_used(language: str, word: str) -> None:
    from prompts.models.prompt_request import Status

    with translation.override(language):
        assert str(Status.PENDING.label) == word


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("th", "ltr"), ("ar", "rtl")])
def test_the_console_can_be_switched_to_each_language(settings: Any, language: str, direction: str) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    browser = Client()
    browser.post("/i18n/setlang/", {"language": language, "next": "/admin/login/"})
    text = browser.get("/admin/login/").text
    assert f'<html lang="{language}" dir="{direction}">' in text
