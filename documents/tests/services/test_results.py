"""What came of each document, as a list and as files."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from documents.models import Batch, DocumentPage
from documents.services.results import ItemResult, csv_lines, iterate, json_lines, results
from documents.tests.batching import answered, answers, drive_all, fails, make_batch, run, with_fields
from documents.tests.factories import make_document, make_unreadable_document, make_waiting_document
from prompts.services.execution import Claim, Result
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db


def only(batch: Batch) -> ItemResult:
    """The result of its one document."""
    (result,) = results(batch)
    return result


def rows(batch: Batch) -> list[dict[str, str]]:
    """The CSV as a program reads it."""
    text = "".join(csv_lines(batch))
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


# --- One by one -------------------------------------------------------------------------------------------


def test_an_answer_that_holds_json_is_shown_as_its_fields() -> None:
    result = only(answered(make_batch(1), answers('Here you are:\n```json\n{"total": "9.00"}\n```')))
    assert (result.outcome, result.fields, result.text) == ("completed", {"total": "9.00"}, "")
    assert (result.duration_ms, result.input_tokens, result.output_tokens, result.finish_reason) == (120, 3, 2, "stop")


def test_an_answer_without_json_is_kept_as_it_came() -> None:
    result = only(answered(make_batch(1), answers("I can't read this.")))
    assert (result.outcome, result.fields, result.text) == ("completed", None, "I can't read this.")


def test_fields_that_did_not_come_are_named_and_those_that_came_are_kept() -> None:
    batch = make_batch(1, version_number=with_fields("company", "total"))
    result = only(answered(batch, answers(company="ACME")))
    assert (result.fields, result.missing, result.problems) == ({"company": "ACME"}, ("total",), ())


def test_a_value_that_the_schema_forbids_is_a_problem_and_is_kept() -> None:
    batch = make_batch(1, version_number=with_fields("total"))
    result = only(answered(batch, answers(total=9)))
    assert (result.fields, result.missing) == ({"total": 9}, ())
    assert [problem.field for problem in result.problems] == ["total"]
    assert rows(batch)[0]["problems"].startswith("total: ")


def test_of_an_answer_without_json_every_field_is_missing() -> None:
    batch = make_batch(1, version_number=with_fields("company", "total"))
    result = only(answered(batch, answers("Sorry.")))
    assert (set(result.missing), result.problems) == ({"company", "total"}, ())


def test_a_request_that_failed_says_why() -> None:
    result = only(answered(make_batch(1), fails("auth")))
    assert (result.outcome, result.error_code, result.error_message) == ("failed", "auth", "It did not work.")


def test_a_file_that_can_not_be_read_says_why_in_words_for_a_clerk() -> None:
    result = only(run(make_batch([make_unreadable_document(reason="encrypted")])))
    assert (result.outcome, result.error_code, result.request_id) == ("failed", "encrypted", None)
    assert "password" in result.error_message


def test_pages_and_the_mean_of_their_confidence_are_told() -> None:
    document = make_document(text="one\ftwo\fthree")
    for number, confidence in ((1, 80), (2, 91)):
        page = DocumentPage.objects.get(file=document.file, number=number)
        DocumentPage.objects.filter(pk=page.pk)._raw_delete("default")
        page.confidence = confidence
        page.save(force_insert=True)
    result = only(make_batch([document]))
    assert (result.page_count, result.confidence) == (3, 86)


def test_what_is_under_way_is_shown_as_far_as_it_is(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 1
    batch = make_batch([make_document(), make_document(), make_waiting_document()])
    drive_all()
    assert [result.outcome for result in results(batch)] == ["asking", "waiting", "reading"]


def test_results_come_in_pages_and_by_outcome() -> None:
    batch = answered(make_batch(4), answers("1"), fails(), answers("3"), fails())
    assert [result.position for result in results(batch, after=1, limit=2)] == [2, 3]
    assert [result.position for result in results(batch, outcome="failed")] == [2, 4]
    assert [result.position for result in results(batch, after=2, outcome="failed")] == [4]


def test_a_page_takes_as_many_queries_however_long_it_is(django_assert_num_queries: Any) -> None:
    batch = run(make_batch(30, version_number=with_fields("total")))
    assert batch.version.field_schema
    for limit in (1, 30):
        with django_assert_num_queries(1):
            assert len(results(batch, limit=limit)) == limit


def test_all_results_are_read_a_page_at_a_time(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr("documents.services.items.PAGE", 4)
    batch = make_batch(10)
    with django_assert_num_queries(4):
        assert [result.position for result in iterate(batch)] == list(range(1, 11))


# --- CSV --------------------------------------------------------------------------------------------------


def test_the_csv_has_a_row_a_document_and_a_column_a_field_of_the_schema() -> None:
    user = make_user()
    documents = [make_document(user, name=name) for name in ("one.pdf", "สอง.pdf", "ثلاثة.pdf")]
    batch = make_batch(documents, version_number=with_fields("company", "total"))
    answered(batch, answers(company="ACME", total="9.00"), answers(total="1", extra=[1]), fails("auth"))
    one, two, three = rows(batch)
    assert list(one)[:5] == ["position", "document", "outcome", "company", "total"]
    assert (one["document"], one["outcome"], one["company"], one["total"]) == ("one.pdf", "completed", "ACME", "9.00")
    assert (two["document"], two["company"], two["missing"], two["other_fields"]) == (
        "สอง.pdf",
        "",
        "company",
        '{"extra": [1]}',
    )
    assert (three["document"], three["outcome"], three["error"]) == ("ثلاثة.pdf", "failed", "auth")
    assert (one["version"], one["model"], one["request_id"] != "") == (
        str(batch.version.version_number),
        batch.model,
        True,
    )


def test_the_columns_are_the_same_while_the_batch_runs_and_after() -> None:
    batch = make_batch(1, version_number=with_fields("company"))
    before = next(csv_lines(batch))
    answered(batch, answers(surprise="1"))
    assert next(csv_lines(batch)) == before


def test_without_a_schema_the_columns_are_the_fields_of_all_answers() -> None:
    batch = answered(make_batch(3), answers(b="1"), answers("no JSON"), answers(a="2", b="3"))
    found = rows(batch)
    assert list(found[0])[3:5] == ["b", "a"]
    assert [(row["b"], row["a"], row["answer"]) for row in found] == [
        ("1", "", ""),
        ("", "", "no JSON"),
        ("3", "2", ""),
    ]


def test_a_model_that_makes_up_names_without_end_makes_no_columns_without_end() -> None:
    batch = answered(make_batch(1), answers(**{f"name{number}": number for number in range(500)}))
    (row,) = rows(batch)
    assert len(row) < 250
    assert json.loads(row["other_fields"])["name499"] == 499


def test_a_field_with_the_name_of_another_column_is_told_apart() -> None:
    batch = answered(make_batch(1, version_number=with_fields("document", "total")), answers(document="A1", total="2"))
    (row,) = rows(batch)
    assert row["field:document"] == "A1"
    assert row["document"] != "A1"


ATTACKS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "\u200b=1+1",
    '=HYPERLINK("http://x")',
    "--1",
    "-",
)


def test_no_cell_begins_as_a_formula_does() -> None:
    user = make_user()
    documents = [make_document(user, name=f"{attack.strip()}.pdf") for attack in ATTACKS]
    batch = make_batch(documents, version_number=with_fields("company"))
    found = rows(answered(batch, *(answers(company=attack, **{attack: attack}) for attack in ATTACKS)))
    assert [row["company"] for row in found] == [f"'{attack}" for attack in ATTACKS]
    cells = [cell for row in found for cell in row.values()]
    assert [cell for cell in cells if cell.lstrip("\t\r\n \u200b").startswith(tuple("=+-@＝"))] == []


def test_no_column_name_begins_as_a_formula_does() -> None:
    batch = answered(make_batch(1), answers(**{"=1+1": "x"}))
    assert "'=1+1" in rows(batch)[0]


def test_numbers_below_nought_stay_numbers() -> None:
    numbers = ["-12.50", "+3", "-1,234.00", "-5%", -3, -0.5]
    batch = make_batch(len(numbers), version_number=with_fields("total"))
    found = rows(answered(batch, *(answers(total=number) for number in numbers)))
    assert [row["total"] for row in found] == [str(number) for number in numbers]


def test_quotes_commas_and_line_breaks_stay_in_their_cell() -> None:
    text = 'He said "no", then\nleft;\r\nso did I'
    batch = answered(make_batch(1, version_number=with_fields("total")), answers(total=text))
    assert rows(batch)[0]["total"] == text


def test_true_false_null_and_parts_are_written_as_json() -> None:
    batch = answered(make_batch(1), answers(yes=True, none=None, list=["ก", 1], object={"a": None}))
    row = rows(batch)[0]
    assert (row["yes"], row["none"], row["list"], row["object"]) == ("true", "", '["ก", 1]', '{"a": null}')


# --- JSON Lines -------------------------------------------------------------------------------------------


def test_json_lines_hold_an_object_a_document() -> None:
    batch = make_batch(2, version_number=with_fields("company", "total"))
    answered(batch, answers(company="บริษัท"), fails("auth"))
    one, two = (json.loads(line) for line in json_lines(batch))
    assert (one["position"], one["outcome"], one["fields"], one["missing"]) == (
        1,
        "completed",
        {"company": "บริษัท"},
        ["total"],
    )
    assert (two["error"], two["fields"]) == ({"code": "auth", "message": "It did not work."}, None)
    assert (one["versionNumber"], one["promptType"]) == (batch.version.version_number, "text")


def test_a_line_of_json_is_one_line_for_every_reader() -> None:
    batch = answered(make_batch(1), answers(note="a\u2028b\u2029c\x85d\ne"))
    (line,) = json_lines(batch)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["fields"]["note"] == "a\u2028b\u2029c\x85d\ne"


# --- Much of it ---------------------------------------------------------------------------------------------


def peak_bytes(lines: Iterator[str]) -> int:
    """The most memory that is held while all lines are taken."""
    tracemalloc.start()
    try:
        for _line in lines:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_documents(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.services.items.PAGE", 10)
    settings.BATCH_IN_FLIGHT = 1000
    user, number = make_user(), with_fields("note")

    def long(claim: Claim) -> Result:
        return answers(note="x" * 20_000)(claim)

    few, many = (run(make_batch(size, user=user, version_number=number), long) for size in (20, 100))
    peak_bytes(csv_lines(few))
    for lines in (csv_lines, json_lines):
        assert peak_bytes(lines(many)) < 1.5 * peak_bytes(lines(few))
