"""Importing labelled sets, and running versions over them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEntry
from documents.models import Document, LabelledDocument, LabelledSet
from documents.services import labelling
from documents.services.judging import content_sha256, labels_of
from documents.services.label_files import Label
from documents.tests.factories import make_document
from documents.tests.measuring import make_set
from prompts.exceptions import InvalidInput, NoActiveVersion, NotFound
from prompts.models import PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version
from prompts.tests.services.test_lifecycle_races import together

pytestmark = pytest.mark.django_db


def import_set(*labelled: tuple[Document, Any], name: str = "receipts", actor: Any = None) -> LabelledSet:
    return labelling.import_set(actor=actor or make_user(), name=name, labelled=labelled)


def refused_on(field: str, *labelled: tuple[Document, Any], name: str = "receipts") -> str:
    """The message on the field that an import is refused for; nothing is stored then."""
    with pytest.raises(InvalidInput) as error:
        import_set(*labelled, name=name)
    assert (list(error.value.errors), LabelledSet.objects.count()) == ([field], 0)
    return str(error.value.message)


def test_documents_keep_their_order_and_fields() -> None:
    first, second = make_document(), make_document()
    made = import_set((second, {"total": 1.5, "paid": True}), (first, {"total": None}))
    rows = LabelledDocument.objects.filter(labelled_set=made).order_by("position")
    assert [(row.position, row.document, row.expected) for row in rows] == [
        (1, second, {"total": 1.5, "paid": True}),
        (2, first, {"total": None}),
    ]
    assert (made.name, made.revision) == ("receipts", 1)


def test_the_same_contents_are_the_same_revision_in_whatever_order_and_under_whatever_names() -> None:
    first, second = make_document(), make_document()
    made = import_set((first, {"a": "1", "b": 2}), (second, {"a": "3"}))
    renamed = make_document(file=first.file, name="other.pdf")
    assert import_set((second, {"a": "3"}), (renamed, {"b": 2, "a": "1"})) == made
    assert AuditEntry.objects.filter(action="labelled_set.imported").count() == 1


def test_contents_of_an_old_revision_are_that_revision() -> None:
    document = make_document()
    first = import_set((document, {"a": "1"}))
    import_set((document, {"a": "2"}))
    assert import_set((document, {"a": "1"})) == first
    assert labelling.find_set("receipts").revision == 2


def test_any_other_value_file_or_field_is_another_revision_with_another_hash() -> None:
    first, second = make_document(), make_document()
    variants: list[list[tuple[Document, dict[str, Any]]]] = [
        [(first, {"a": "1"})],
        [(first, {"a": "2"})],
        [(first, {"a": 1})],
        [(first, {"a": None})],
        [(first, {"b": "1"})],
        [(first, {"a": "1", "b": None})],
        [(second, {"a": "1"})],
        [(first, {"a": "1"}), (second, {"a": "1"})],
    ]
    made = [import_set(*variant) for variant in variants]
    assert [each.revision for each in made] == list(range(1, len(variants) + 1))
    assert len({each.content_sha256 for each in made}) == len(variants)


def test_the_same_contents_have_the_same_hash_in_every_set() -> None:
    document = make_document()
    hashes = {import_set((document, {"a": "1"}), name=name).content_sha256 for name in ("one", "two")}
    assert len(hashes) == 1


def test_the_hash_of_what_comes_back_from_the_database_is_the_one_that_was_stored() -> None:
    values = {"a": 0.1, "b": -0.0, "c": 1e-7, "d": 2**53 - 1, "e": 100.0, "f": "ข้าว\u200b", "g": True, "h": None}
    made = import_set((make_document(), values))
    assert content_sha256((row.document, row.expected) for row in labels_of(made)) == made.content_sha256


def test_an_import_is_audited_with_the_hash_of_its_contents() -> None:
    actor = make_user()
    made = import_set((make_document(), {"a": "1", "b": "2"}), actor=actor)
    entry = AuditEntry.objects.get(action="labelled_set.imported")
    assert (entry.actor, entry.target_label) == (actor, "receipts r1")
    assert json.loads(entry.content)["details"] == {
        "name": "receipts",
        "revision": 1,
        "content_sha256": made.content_sha256,
        "documents": 1,
        "values": 2,
    }


@pytest.mark.parametrize("name", ["", "Receipts", "a b", "../x", "x" * 65, "ใบเสร็จ", "a\n"])
def test_what_can_not_be_the_name_of_a_set_is_refused(name: str) -> None:
    refused_on("name", (make_document(), {"a": "1"}), name=name)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"": "1"},
        {"x" * 101: "1"},
        {"a\x00": "1"},
        {"a": "\x00"},
        {"a": "\ud800"},
        {"a": "x" * 10_001},
        {"a": [1]},
        {"a": {"b": 1}},
        {"a": 2**53},
        {"a": 1e300},
        {"a": float("nan")},
        {str(number): "1" for number in range(201)},
    ],
)
def test_fields_that_can_not_be_expected_are_refused_with_the_name_of_the_document(fields: dict[str, Any]) -> None:
    assert "slip.pdf: " in refused_on("labels", (make_document(name="slip.pdf"), fields))


def test_a_set_needs_a_document_and_has_no_more_than_a_batch(settings: Any) -> None:
    settings.BATCH_MAX_DOCUMENTS = 1
    refused_on("labels")
    refused_on("labels", *((make_document(), {"a": "1"}) for _ in range(2)))


def test_a_file_counts_once() -> None:
    first = make_document(name="one.pdf")
    second = make_document(file=first.file, name="two.pdf")
    assert "one.pdf, two.pdf" in refused_on("documents", (first, {"a": "1"}), (second, {"a": "1"}))


def test_the_database_lets_nobody_change_a_set() -> None:
    made = import_set((make_document(), {"a": "1"}))
    for rows, values in (
        (LabelledSet.objects.filter(pk=made.pk), {"content_sha256": "0" * 64}),
        (LabelledDocument.objects.filter(labelled_set=made), {"expected": {"a": "2"}}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**values)


@pytest.mark.django_db(transaction=True)
def test_many_who_import_the_same_make_one_revision_and_others_get_numbers_without_gap() -> None:
    actor, documents = make_user(), [make_document() for _ in range(4)]

    def work(number: int) -> int:
        return import_set((documents[number % 4], {"a": "1"}), actor=actor).revision

    revisions = together(8, work)
    assert sorted(revisions) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert LabelledSet.objects.count() == 4


# --- Matching labels and documents --------------------------------------------------------------------------------


def matched(files: list[str], *names: str) -> list[str]:
    documents = [make_document(name=name) for name in names]
    return [document.name for document, _fields in labelling.matched([Label(file, {}) for file in files], documents)]


def test_labels_find_their_documents_by_name_with_and_without_folders() -> None:
    assert matched(["scans/b.pdf", "a.pdf", "c.pdf"], "a.pdf", "b.pdf", "x/c.pdf", "d.pdf") == [
        "b.pdf",
        "a.pdf",
        "x/c.pdf",
    ]
    assert matched(["x/a.pdf", "y/a.pdf"], "x/a.pdf", "y/a.pdf") == ["x/a.pdf", "y/a.pdf"]


@pytest.mark.parametrize(
    ("files", "told"),
    [(["b.pdf"], "There is no file “b.pdf”."), ([""], "There is no file “”."), (["a.pdf"], "More than one file")],
)
def test_labels_without_their_document_are_named(files: list[str], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        matched(files, "x/a.pdf", "y/a.pdf")


# --- Running ------------------------------------------------------------------------------------------------------


def test_a_run_is_a_batch_over_all_documents_of_the_set_in_its_order() -> None:
    made, actor = make_set(3), make_user()
    batch = labelling.run_set(made, actor=actor, prompt_type="text")
    assert (batch.labelled_set, batch.user, batch.version.version_number) == (made, actor, 1)
    assert list(batch.items.order_by("position").values_list("document", flat=True)) == list(
        made.documents.order_by("position").values_list("document", flat=True)
    )


def test_a_version_that_is_not_active_can_be_run() -> None:
    version = make_version("Read {{input}}")
    batch = labelling.run_set(
        make_set(1), actor=make_user(), prompt_type="text", version_number=version.version_number, model="simulator/x"
    )
    assert (batch.version, batch.model) == (version, "simulator/x")


def test_without_an_active_version_a_number_is_needed() -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    with pytest.raises(NoActiveVersion):
        labelling.run_set(make_set(1), actor=make_user(), prompt_type="text")


def test_a_deleted_version_is_not_run() -> None:
    number = make_version("Read {{input}}").version_number
    lifecycle.delete_version("text", number, actor=make_user())
    with pytest.raises(InvalidInput):
        labelling.run_set(make_set(1), actor=make_user(), prompt_type="text", version_number=number)


@pytest.mark.parametrize(("name", "revision"), [("none", None), ("receipts", 2), ("a\x00b", None)])
def test_a_set_that_is_not_there_is_not_found(name: str, revision: int | None) -> None:
    make_set(1)
    with pytest.raises(NotFound):
        labelling.find_set(name, revision)
