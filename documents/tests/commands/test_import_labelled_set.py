"""`manage.py import_labelled_set`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from documents.models import Document, LabelledDocument, LabelledSet
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db
SAMPLES = {"a.txt": "Total 1.00", "b.txt": "Total 2.00", "deep/a.txt": "Total 3.00"}


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_user("root", is_superuser=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "receipts"
    for name, text in SAMPLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "unlabelled.txt").write_text("Total 4.00")
    return folder


def labels(folder: Path, text: str, name: str = "labels.csv") -> str:
    path = folder.parent / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def imported(folder: Path, path: str) -> LabelledSet:
    run("import_labelled_set", "receipts", str(folder), path)
    return LabelledSet.objects.get(name="receipts")


def test_the_files_that_a_csv_names_become_a_set(folder: Path, root: Any) -> None:
    made = imported(folder, labels(folder, "file,total,shop\na.txt,1.00,Alpha\nb.txt,2.00,\n"))
    rows = LabelledDocument.objects.filter(labelled_set=made).order_by("position")
    assert [(row.document.name, row.expected) for row in rows] == [
        ("a.txt", {"total": "1.00", "shop": "Alpha"}),
        ("b.txt", {"total": "2.00"}),
    ]
    assert {row.document.user for row in rows} == {root}
    assert not Document.objects.filter(name="unlabelled.txt").exists()


def test_the_files_that_json_names_become_a_set(folder: Path) -> None:
    text = json.dumps([{"file": "a.txt", "fields": {"total": 1.0, "tip": None}}])
    made = imported(folder, labels(folder, text, "labels.json"))
    assert made.documents.get().expected == {"total": 1.0, "tip": None}


def test_it_says_what_the_set_holds(folder: Path) -> None:
    path = labels(folder, "file,total\na.txt,1.00\n")
    output, _errors = run("import_labelled_set", "receipts", str(folder), path)
    made = LabelledSet.objects.get()
    assert output == f"receipts r1 has 1 documents. SHA-256 of its contents: {made.content_sha256}\n"


def test_files_of_one_name_in_two_folders_are_told_apart(folder: Path) -> None:
    made = imported(folder, labels(folder, "file,total\na.txt,1.00\ndeep/a.txt,3.00\n"))
    assert [row.document.name for row in made.documents.all()] == ["a.txt", "a.txt"]
    assert len({row.document.file.sha256 for row in made.documents.all()}) == 2


def test_the_same_again_makes_no_revision_and_no_document(folder: Path) -> None:
    path = labels(folder, "file,total\na.txt,1.00\nb.txt,2.00\n")
    first = imported(folder, path)
    assert imported(folder, path) == first
    assert Document.objects.count() == 2


def test_other_labels_make_the_next_revision_with_the_same_documents(folder: Path) -> None:
    imported(folder, labels(folder, "file,total\na.txt,1.00\n"))
    run("import_labelled_set", "receipts", str(folder), labels(folder, "file,total\na.txt,1.01\n"))
    assert list(LabelledSet.objects.order_by("revision").values_list("revision", flat=True)) == [1, 2]
    assert Document.objects.count() == 1


def test_no_file_out_of_the_folder_is_taken(folder: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_text("Total 9.00")
    os.symlink(secret, folder / "link.txt")
    lines = "\n".join(f"{file},1" for file in ("../secret.txt", str(secret), "link.txt", "deep", "."))
    error = refusal("import_labelled_set", "receipts", str(folder), labels(folder, f"file,total\n{lines}\n"))
    assert (error.returncode, str(error).count("There is no file"), Document.objects.count()) == (2, 5, 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file,total\nmissing.txt,1\n", "There is no file “missing.txt”."),
        ("name,total\na.txt,1\n", "one of them “file”"),
        ("file,total\na.txt,\n", "a.txt: It needs 1 to 200 expected fields."),
        ("", "The file is empty."),
        ("file,total\n", "The file names no document."),
    ],
)
def test_labels_that_can_not_be_used_are_refused_with_their_place(folder: Path, text: str, told: str) -> None:
    error = refusal("import_labelled_set", "receipts", str(folder), labels(folder, text))
    assert (error.returncode, told in str(error), LabelledSet.objects.count()) == (2, True, 0)


def test_a_file_that_is_no_document_is_named(folder: Path) -> None:
    (folder / "empty.txt").write_bytes(b"")
    error = refusal("import_labelled_set", "receipts", str(folder), labels(folder, "file,total\nempty.txt,1\n"))
    assert "empty.txt: The file is empty." in str(error)


def test_labels_that_are_not_there_are_refused(folder: Path) -> None:
    error = refusal("import_labelled_set", "receipts", str(folder), str(folder / "none.csv"))
    assert (error.returncode, "can't be read" in str(error)) == (2, True)


def test_who_may_not_manage_versions_imports_nothing(folder: Path) -> None:
    make_user("somchai")
    path = labels(folder, "file,total\na.txt,1.00\n")
    error = refusal("import_labelled_set", "receipts", str(folder), path, "--user", "somchai")
    assert (error.returncode, LabelledSet.objects.count()) == (2, 0)
