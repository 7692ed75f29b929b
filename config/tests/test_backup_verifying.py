"""`manage.py verify_backup`: what is damaged, and how far a backup reaches."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from audit import keys
from audit.services import sealing
from audit.tests.factories import as_owner, entry_at, sealed, sql
from config.backups.archive import places as places_of
from config.tests.backups import move_to, rewrite, run
from documents.tests.factories import upload
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    """Folders of the test's own."""
    move_to(settings, tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup of a log of three links with a checkpoint, a request and a document."""
    sealed(3)
    make_request()
    upload("Total 7.00")
    path = tmp_path / "prompts.backup"
    assert run("backup", path)[0] == 0
    return path


def forget_keys(settings: Any) -> None:
    """As on a machine that never had to do with the installation."""
    settings.DATA_DIR = settings.DATA_DIR / "empty"
    settings.DATA_DIR.mkdir()


def test_a_whole_one_tells_what_it_holds_and_how_far_it_reaches(file: Path) -> None:
    code, said = run("verify_backup", file)
    assert code == 0, said
    assert "tables, 1 request." in said
    assert "Documents: 1 file of 10 bytes." in said
    assert "The backup reaches up to the checkpoint of 3 links, signed at " in said


def test_one_changed_byte_of_any_member_is_found(file: Path) -> None:
    whole = file.read_bytes()
    with file.open("rb") as archive:
        found = list(places_of(archive))
    for place in found:
        for position in {place.offset, place.offset + place.size // 2, place.offset + place.size - 1}:
            file.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
            assert run("verify_backup", file)[0] == 1, f"{place.name}, byte {position}"


def test_a_member_that_was_left_out_is_missed(file: Path) -> None:
    def forget_document(held: dict[str, bytes]) -> None:
        del held[next(name for name in held if name.startswith("documents/"))]

    rewrite(file, forget_document)
    code, said = run("verify_backup", file)
    assert (code, "Documents are missing" in said) == (1, True)


def test_a_manifest_of_another_form_is_damage(file: Path) -> None:
    def nonsense(held: dict[str, bytes]) -> None:
        held["manifest.json"] = b'{"format": "ai-prompt-manager backup 1", "tables": []}'
        held["manifest.sha256"] = f"{sha256(held['manifest.json']).hexdigest()}\n".encode()

    rewrite(file, nonsense)
    code, said = run("verify_backup", file)
    assert (code, "manifest can't be read" in said) == (1, True)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("", "server", "18"),
        ("", "made_at", "\x1b]0;owned\x07"),
        ("", "release", 5),
        ("", "tables", {"prompt_requests": "many"}),
        ("", "migrations", {"prompts": [1]}),
        ("chain", "size", "three"),
        ("chain", "checkpoint_at", "\x1b[2J"),
        ("chain", "head", None),
        ("documents", "files", None),
        ("documents", "named", ["../../etc/passwd"]),
        ("documents", "absent", -1),
        ("members", "database.dump", {"size": 1}),
    ],
)
def test_a_manifest_with_a_value_of_another_kind_is_damage(file: Path, part: str, name: str, value: Any) -> None:
    def forge(held: dict[str, bytes]) -> None:
        told = json.loads(held["manifest.json"])
        (told[part] if part else told)[name] = value
        held["manifest.json"] = json.dumps(told).encode()
        held["manifest.sha256"] = f"{sha256(held['manifest.json']).hexdigest()}\n".encode()

    rewrite(file, forge)
    code, said = run("verify_backup", file)
    assert (code, "manifest can't be read" in said, "\x1b" in said) == (1, True, False)


def test_what_is_not_there_could_not_be_checked(tmp_path: Path) -> None:
    assert run("verify_backup", tmp_path / "nothing")[0] == 64


def test_a_public_key_that_is_none_is_named(file: Path) -> None:
    code, said = run("verify_backup", file, "--public-key", "abc")
    assert (code, "'abc' is no public key" in said) == (64, True)


def test_the_checkpoints_that_it_lacks_are_named(file: Path) -> None:
    before = sql("SELECT max(seq) FROM audit_links")[0][0]
    sealing.seal()
    sealed(5)
    newer = sql("SELECT max(seq) FROM audit_links")[0][0]
    code, said = run("verify_backup", file, "--checkpoints", django_settings.AUDIT_CHECKPOINT_FILE)
    assert code == 0
    assert f"reach it up to {before} links" in said
    assert f"Missing of those that were kept: 1 checkpoint, from {newer} links" in said


def test_checkpoints_that_somebody_else_signed_are_not_believed(file: Path, settings: Any) -> None:
    kept = settings.AUDIT_CHECKPOINT_FILE
    forget_keys(settings)
    stranger = keys.encoded(keys.signing_key().public_key())
    code, said = run("verify_backup", file, "--checkpoints", kept, "--public-key", stranger)
    assert (code, "1 of the checkpoints can't be read, or no trusted key has signed them" in said) == (0, True)


@pytest.mark.serial
def test_a_restore_into_a_throw_away_database_proves_rows_and_log(file: Path, settings: Any) -> None:
    kept = settings.AUDIT_CHECKPOINT_FILE
    key = keys.encoded(keys.signing_key().public_key())
    forget_keys(settings)
    code, said = run("verify_backup", file, "--deep", "--checkpoints", kept, "--public-key", key)
    assert code == 0, said
    assert "every table has as many rows as the manifest says" in said
    assert "last checkpoint 3 at" in said


@pytest.mark.serial
def test_a_log_that_was_changed_before_the_backup_is_found_after_it(tmp_path: Path) -> None:
    sealed(3)
    with as_owner():
        sql("UPDATE audit_logs SET actor_label = 'nobody' WHERE id = %s", entry_at(2))
    assert run("backup", tmp_path / "file")[0] == 0
    assert run("verify_backup", tmp_path / "file")[0] == 0
    code, said = run("verify_backup", tmp_path / "file", "--deep")
    assert (code, "BROKEN: seq 2" in said) == (1, True)
