"""Export and import: without loss between installations, all or nothing, and never in spite of a rule."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from prompts import transfer_format
from prompts.exceptions import InvalidInput, ReviewRequired
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.services.exporting import export_prompts
from prompts.services.importing import import_prompts
from prompts.services.importing_versions import Choices, Imported
from prompts.services.types import change_type
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db

NASTY = [
    "one line",
    "two\nlines\n",
    "CRLF\r\nand a lone \r one",
    "trailing spaces  \nand a tab\t\n",
    "  leading spaces\n    more of them\n",
    "\n\nempty lines first\n\n",
    "many at the end\n\n\n\n",
    "next line \x85 line separator \u2028 paragraph \u2029 end",
    "two\x85\nlines",
    "\ufeffa BOM, and one within \ufeff\n here",
    "emoji 🙂🏳️‍🌈\nมาตรฐานไทย\nنص عربي\u200f\n",
    "---\nlooks like a document\n...\n",
    "--- {{input}}\n# a comment?\n- a list: {{ input }}\n",
    "%YAML 1.1\n&anchor *alias !!tag |\n",
    "x" * 5000 + "\n" + "word " * 2000 + "\nend",
    "'single' \"double\" \\backslash\n",
    "control \x01\x1b[31m\x7f\x9f and \ufffe \uffff \U0010ffff\n",
    " \n",
    "yes", "null", "~", "1:30", "0x10", "2026-01-01", "1e3", "=", "<<", "",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from([*NASTY, " ", "\n", "\t", ": ", " #", "{{input}}"]), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def empty_the_installation() -> None:
    """As it is before the first type was made."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM prompt_versions")
        cursor.execute("DELETE FROM prompt_types")
        cursor.execute("SET LOCAL session_replication_role = origin")


def export(*slugs: str) -> str:
    return export_prompts(slugs, actor=None)


def take_in(content: str | bytes, *, actor: Any = None, dry_run: bool = False, **choices: Any) -> Imported:
    data = content.encode() if isinstance(content, str) else content
    return import_prompts(data, actor=actor or make_user(), choices=Choices(**choices), dry_run=dry_run)


def problems(content: str | bytes, **options: Any) -> str:
    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        take_in(content, **options)
    return str(refused.value.message)


def file_of(*versions: dict[str, Any], **kind: Any) -> str:
    """A file with one type, `letter` unless another is named."""
    return transfer_format.dump([{"slug": "letter", "label": "Letter"} | kind | {"versions": list(versions)}])


def active(slug: str) -> int | None:
    return (
        PromptVersion.objects.filter(prompt_type__slug=slug, is_active=True)
        .values_list("version_number", flat=True)
        .first()
    )


# --- Without loss -------------------------------------------------------------------------------------


def test_what_is_imported_into_an_empty_installation_is_exported_with_the_same_bytes() -> None:
    change_type("text", actor=None, label="ข้อความ", description="Two\nlines", default_parameters={"temperature": 0.2})
    for text in NASTY:
        if text.strip():
            make_version(
                f"{text}{{{{input}}}}", manual_note=text[:2000], field_schema={"type": "object", "title": text}
            )
    version = make_version(author=make_user("สมชาย"), model="simulator/default", parameters={"temperature": 1e-7})
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    PromptVersion.objects.filter(pk=version.pk).update(
        test_result_json={"a": [1.5, None]}, last_tested_at=version.created_at
    )
    deleted = make_version()
    lifecycle.delete_version("text", deleted.version_number, actor=make_user())
    content = export()
    empty_the_installation()
    take_in(content)
    assert export() == content


@given(st.lists(TEXTS, min_size=1, max_size=4), JSON)
@settings(max_examples=150, deadline=None)
@example(NASTY, {text: text for text in NASTY})
def test_any_text_and_any_json_come_back_from_the_file_as_they_were(texts: list[str], value: Any) -> None:
    versions = [
        {"number": place + 1, "template": text, "note": text, "test_result": {"value": value}}
        for place, text in enumerate(texts)
    ]
    content = file_of(*versions)
    (kind,) = transfer_format.load(content.encode())
    assert kind["versions"] == versions
    assert file_of(*kind["versions"]) == content


@given(TEXTS.filter(lambda text: text.strip() and "{{" not in text and len(text) <= 20_000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_template_comes_back_from_the_database_as_it_was(text: str) -> None:
    with transaction.atomic():
        take_in(file_of({"number": 1, "template": text}))
        assert PromptVersion.objects.get(prompt_type__slug="letter").template == text
        transaction.set_rollback(True)


def test_a_template_of_several_lines_is_written_as_it_reads() -> None:
    make_version("Dear {{input}},\n\n  - สวัสดี 🙂\n\nBye.\n")
    assert "        template: |\n          Dear {{input}},\n\n            - สวัสดี 🙂\n\n          Bye.\n" in export(
        "text"
    )


def test_another_reader_of_yaml_reads_the_same() -> None:
    make_version("Dear {{input}},\nBye.\n")
    assert yaml.safe_load(export("text"))["types"][0]["versions"][-1]["template"] == "Dear {{input}},\nBye.\n"


def test_only_the_named_types_are_exported() -> None:
    assert [kind["slug"] for kind in yaml.safe_load(export("text", "code"))["types"]] == ["code", "text"]
    with pytest.raises(InvalidInput, match="nonsense"):
        export("nonsense")


# --- What an import does ------------------------------------------------------------------------------


def test_missing_types_and_versions_are_created_under_their_numbers() -> None:
    done = take_in(file_of({"number": 2, "template": "b"}, {"number": 7, "template": "c", "active": True}))
    assert (done.types_created, done.versions_created, done.activated) == (1, 2, ["letter v7"])
    assert active("letter") == 7
    assert PromptType.objects.get(slug="letter").version_counter == 7


def test_the_counter_rises_so_that_no_number_is_given_twice() -> None:
    take_in(file_of({"number": 2, "template": "b"}, version_counter=9))
    assert make_version("next", prompt_type="letter").version_number == 10


def test_the_same_again_changes_nothing() -> None:
    content = export()
    before = PromptVersion.objects.count()
    done = take_in(content)
    assert (done.types_created, done.versions_created, done.versions_skipped, done.activated) == (0, 0, before, [])


def test_a_number_taken_by_another_text_is_named_and_nothing_is_imported() -> None:
    content = file_of({"number": 1, "template": "other {{input}}"}, {"number": 2, "template": "b"}, slug="text")
    assert "text 1: This number is taken by another text." in problems(content)
    assert PromptVersion.objects.filter(prompt_type__slug="text").count() == 1


def test_the_same_text_with_other_parameters_is_named_too() -> None:
    content = file_of({"number": 1, "template": "{{input}}", "parameters": {"temperature": 1.0}}, slug="text")
    assert "another model, parameters or schema" in problems(content)


def test_the_active_version_stays_unless_told_otherwise() -> None:
    content = file_of({"number": 2, "template": "b {{input}}", "active": True}, slug="text")
    with transaction.atomic():
        done = take_in(content)
        assert (active("text"), done.activated) == (1, [])
        assert "1 stays active here" in done.remarks[-1]
        transaction.set_rollback(True)
    assert take_in(content, activate=True).activated == ["text v2"]
    assert active("text") == 2


def test_settings_of_a_type_that_is_here_stay_unless_told_otherwise() -> None:
    content = file_of(slug="text", label="Other", max_template_length=77)
    assert "label, max_template_length" in take_in(content).remarks[0]
    assert PromptType.objects.get(slug="text").max_template_length != 77
    take_in(content, settings=True)
    assert PromptType.objects.get(slug="text").label == "Other"


def test_a_dry_run_says_the_same_and_leaves_nothing() -> None:
    content = file_of({"number": 3, "template": "b", "active": True})
    tried = take_in(content, dry_run=True)
    assert not PromptType.objects.filter(slug="letter").exists()
    assert not AuditEntry.objects.filter(action="prompts.imported").exists()
    assert take_in(content) == tried


def test_one_problem_stops_everything_and_all_are_named() -> None:
    content = transfer_format.dump(
        [
            {"slug": "fine", "versions": [{"number": 1, "template": "a", "active": True}]},
            {"slug": "letter", "versions": [{"number": 1, "template": "{{7*7}}"}, {"number": 2, "template": " "}]},
            {"slug": "Not A Slug"},
        ]
    )
    text = problems(content)
    assert all(place in text for place in ("letter 1: Line 1", "letter 2: ", "Not A Slug: "))
    assert not PromptType.objects.filter(slug__in=["fine", "letter"]).exists()


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ({"template": "no placeholder"}, "{{ocr_text}}"),
        ({"template": "x" * 5000 + "{{ocr_text}}"}, "at most 4000"),
        ({"template": "{{ocr_text}}", "model": "nobody/nothing"}, "nobody"),
        ({"template": "{{ocr_text}}", "parameters": {"base_url": "http://x"}}, "base_url"),
        ({"template": "{{ocr_text}}", "field_schema": {"type": 7}}, "JSON Schema"),
        ({"template": "{{ocr_text}}", "note": "x" * 2001}, "2000"),
        ({"template": "{{ocr_text}}", "template_sha256": "0" * 64}, "template_sha256"),
        ({"template": "{{ocr_text}}", "created_at": "yesterday"}, "yesterday"),
        ({"template": "{{ocr_text}}", "created_at": "2026-01-01T00:00:00"}, "offset"),
        ({"template": "{{ocr_text}}", "created_at": "0001-01-01T00:00:00+14:00"}, "no time"),
        ({"template": "{{ocr_text}}", "activated_at": "9999-12-31T23:59:59-12:00"}, "no time"),
        ({"template": "{{ocr_text}}", "test_result": {"text": "x" * 70_000}}, "64 kB"),
        ({"template": "{{ocr_text}}", "number": 2**31 - 1}, "maximum"),
    ],
)
def test_a_version_is_checked_as_a_new_one_is(version: dict[str, Any], told: str) -> None:
    assert told in problems(file_of({"number": 5} | version, slug="ocr_extraction"))


def test_a_time_with_an_offset_that_postgresql_refuses_is_kept_in_utc() -> None:
    take_in(file_of({"number": 1, "template": "a", "created_at": "2026-01-02T00:00:00+23:59"}))
    assert PromptVersion.objects.get(prompt_type__slug="letter").created_at.isoformat() == "2026-01-01T00:01:00+00:00"


def test_after_the_highest_number_of_a_file_the_next_version_still_has_one() -> None:
    take_in(file_of({"number": 1_000_000, "template": "a"}, version_counter=1_000_000))
    assert make_version(prompt_type="letter").version_number == 1_000_001


def test_a_version_that_was_deleted_here_stays_deleted() -> None:
    version = make_version()
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    again = {"number": version.version_number, "template": version.template}
    assert take_in(file_of(again, slug="text")).versions_skipped == 1
    assert "no version 2" in problems(file_of(again | {"active": True}, slug="text"), activate=True)


# --- Four eyes and the log ----------------------------------------------------------------------------


def test_whoever_imports_can_not_be_the_second_pair_of_eyes() -> None:
    change_type("text", actor=None, requires_review=True)
    content = file_of({"number": 2, "template": "b {{input}}", "active": True, "author": "another"}, slug="text")
    assert "a person other than the author" in problems(content, activate=True)
    take_in(content, activate=True, bypass_reason="The night shift is alone.")
    assert active("text") == 2
    assert AuditEntry.objects.filter(action="prompt_version.review_bypassed").count() == 1


def test_whoever_is_named_as_the_author_can_not_be_it_either() -> None:
    author = make_user("somchai")
    take_in(file_of({"number": 1, "template": "a", "author": "somchai"}, requires_review=True))
    with pytest.raises(ReviewRequired):
        lifecycle.activate_version("letter", 1, actor=author)
    assert lifecycle.activate_version("letter", 1, actor=make_user()).changed


def test_a_new_type_that_requires_review_is_no_way_around_it() -> None:
    content = file_of({"number": 1, "template": "b", "active": True}, requires_review=True)
    assert "a person other than the author" in problems(content)


def test_the_log_tells_of_the_import_and_of_each_version() -> None:
    actor = make_user("importer")
    take_in(file_of({"number": 1, "template": "a"}, {"number": 2, "template": "b", "active": True}), actor=actor)
    entries = AuditEntry.objects.filter(actor_label="importer").order_by("at").values_list("action", flat=True)
    assert list(entries) == [
        "prompt_type.created",
        "prompt_version.created",
        "prompt_version.created",
        "prompt_version.activated",
        "prompts.imported",
    ]


def test_the_log_tells_of_an_export() -> None:
    export_prompts(["text"], actor=make_user("exporter"))
    assert AuditEntry.objects.get(action="prompts.exported").actor_label == "exporter"


# --- Files made to do harm ----------------------------------------------------------------------------

BEGINNING = f"format: {transfer_format.FORMAT}\ntypes:\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not of type 'object'"),
        (b"[]", "not of type 'object'"),
        (b"\xff\xfe\x00", "can't be read"),
        (b"a: [", "can't be read"),
        (b"format: other\ntypes: []", "$.format"),
        (b"a: &a [x]\nb: [*a, *a]", "anchors and aliases are not accepted (line 1"),
        (b"!!python/object/apply:os.system ['true']", "tags are not accepted"),
        (b"a: !!binary aGVsbG8=", "tags are not accepted"),
        (b"format: x\nformat: y", "'format' appears twice"),
        (b"<<: {a: 1}", "'<<' was unexpected"),
        (b"a: [" + b"1," * 600_000 + b"]", "more than 500000 values"),
        (b"1: x", "must be a text"),
        (b"? [a]\n: x", "must be a text"),
        (b"[" * 100_000, "nested deeper than"),
        (b"{a: " * 100_000, "nested deeper than"),
        (b"- " * 100_000, "nested deeper than"),
        (b"a: .inf", "must be finite"),
        (b"a: .nan", "must be finite"),
        (b"a: 1.0e+999", "must be finite"),
        (b'a: "\\0"', "NUL and lone surrogates"),
        (b'a: "\\ud800"', "can't be read"),
        (b"a: " + b"9" * 10_000, "can't be read"),
        (b"---\na: 1\n---\nb: 2", "more than one document"),
        (f"{BEGINNING}- slug: letter\n  nonsense: 1".encode(), "nonsense"),
        (f"{BEGINNING}- slug: letter\n  versions: [{{number: 0, template: x}}]".encode(), "number"),
        (f"{BEGINNING}- slug: letter\n  versions: [{{number: 3000000000, template: x}}]".encode(), "number"),
        (f"{BEGINNING}- slug: letter\n  versions: [{{number: true, template: x}}]".encode(), "number"),
        (f"{BEGINNING}- slug: letter\n- slug: letter".encode(), "appears twice"),
        (file_of({"number": 1, "template": "a"}, {"number": 1, "template": "a"}).encode(), "appears twice"),
        (
            file_of(
                {"number": 1, "template": "a", "active": True}, {"number": 2, "template": "b", "active": True}
            ).encode(),
            "Another version is active",
        ),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_a_file_that_can_not_be_trusted_is_refused_with_its_fault(content: bytes, told: str) -> None:
    assert told in problems(content)


def test_a_file_that_is_too_large_is_not_even_read() -> None:
    assert "larger than 32 MB" in problems(b"#" * (transfer_format.MAX_FILE_BYTES + 1))
