"""`manage.py restore`: into an empty database, whole or not at all, and ready for work."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from audit.models import AuditEntry
from audit.services import sealing
from audit.services.verification import verify
from audit.tests.factories import sealed
from config.backups import target
from config.backups.clients import here
from config.tests.backups import another_database, move_to, rewrite, run, use
from documents.models import DocumentFile
from documents.storage import path_of
from documents.tests.factories import take, upload
from prompts.models import PromptAttempt, PromptRequest
from prompts.services.execution import claim
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    """Folders of the test's own."""
    move_to(settings, tmp_path / "here")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prompts.backup"


@pytest.fixture
def elsewhere(places: None, file: Path, settings: Any, tmp_path: Path) -> Iterator[Any]:
    """Makes the backup, then leads to an empty database and empty folders."""
    with another_database() as other:
        home = other.removesuffix("_restored")
        use(home)

        def go(*options: str) -> Path:
            assert run("backup", file, *options)[0] == 0
            use(other)
            move_to(settings, tmp_path / "elsewhere")
            return file

        yield go


def has_tables() -> bool:
    return "prompt_requests" in connection.introspection.table_names()


def spoil_dump(held: dict[str, bytes]) -> None:
    """A backup that is whole and sealed, and whose dump is no good."""
    held["database.dump"] = held["database.dump"][:-2000]
    manifest = json.loads(held["manifest.json"])
    manifest["members"]["database.dump"] = {
        "size": len(held["database.dump"]),
        "sha256": hashlib.sha256(held["database.dump"]).hexdigest(),
    }
    seal(held, manifest)


def seal(held: dict[str, bytes], manifest: dict[str, Any]) -> None:
    held["manifest.json"] = json.dumps(manifest).encode()
    held["manifest.sha256"] = f"{hashlib.sha256(held['manifest.json']).hexdigest()}\n".encode()


def test_rows_files_and_log_are_what_they_were(elsewhere: Any) -> None:
    sealed(3)
    request = make_request(prompt_text="Why is the sky blue?")
    sha256 = upload("Total 7.00").file.sha256
    code, said = run("restore", elsewhere())
    assert code == 0, said
    assert PromptRequest.objects.get(pk=request.pk).prompt_text == "Why is the sky blue?"
    assert path_of(sha256).read_bytes() == b"Total 7.00"
    assert "The backup reaches up to the checkpoint of" in said
    assert "what was erased or taken away since" in said
    assert verify().report.exit_code == 0
    assert AuditEntry.objects.filter(action="backup.restored").count() == 1


def test_a_file_that_is_damaged_here_becomes_whole(elsewhere: Any) -> None:
    damaged, whole = (upload(f"Total {number}.00").file.sha256 for number in (7, 8))
    file = elsewhere()
    for sha256 in (damaged, whole):
        path_of(sha256).parent.mkdir(parents=True)
    path_of(damaged).write_bytes(b"Total 9,999.00")
    path_of(whole).write_bytes(b"Total 8.00")
    assert run("restore", file)[0] == 0
    assert [path_of(sha256).read_bytes() for sha256 in (damaged, whole)] == [b"Total 7.00", b"Total 8.00"]


def test_what_was_under_way_is_begun_again_and_its_first_attempt_stays_known(elsewhere: Any) -> None:
    request = make_request()
    assert [found.request_id for found in claim(1, worker="w1")] == [request.pk]
    document = upload()
    take(document)
    code, said = run("restore", elsewhere())
    assert (code, "1 request and 1 file." in said) == (0, True)
    request.refresh_from_db()
    assert (request.status, request.leased_by) == ("pending", "")
    assert PromptAttempt.objects.get(request=request).outcome == "abandoned"
    assert DocumentFile.objects.get(pk=document.file_id).state == "pending"


def test_a_database_that_is_not_empty_is_left_alone(file: Path) -> None:
    request = make_request()
    assert run("backup", file)[0] == 0
    code, said = run("restore", file)
    assert (code, "--replace" in said) == (2, True)
    assert PromptRequest.objects.filter(pk=request.pk).exists()


def test_what_there_was_is_given_up_only_after_a_yes(elsewhere: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = elsewhere()
    assert run("restore", file)[0] == 0
    later = make_request()
    monkeypatch.setattr(sys, "stdin", io.StringIO("no\n"))
    assert run("restore", file, "--replace")[0] == 2
    assert PromptRequest.objects.filter(pk=later.pk).exists()
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert run("restore", file, "--replace")[0] == 0
    assert not PromptRequest.objects.filter(pk=later.pk).exists()
    assert not target._exists(target.ASIDE)


def test_a_restore_that_fails_leaves_an_empty_database_empty(elsewhere: Any) -> None:
    file = elsewhere()
    rewrite(file, spoil_dump)
    code, said = run("restore", file)
    assert (code, "pg_restore has failed" in said) == (1, True)
    assert not has_tables()


def test_one_that_was_to_replace_something_leaves_that(elsewhere: Any) -> None:
    file = elsewhere()
    assert run("restore", file)[0] == 0
    request = make_request()
    rewrite(file, spoil_dump)
    assert run("restore", file, "--replace", "--yes")[0] == 1
    assert PromptRequest.objects.filter(pk=request.pk).exists()


def test_one_that_was_killed_after_setting_the_tables_aside_is_told_of_and_gone_on_with(elsewhere: Any) -> None:
    file = elsewhere()
    assert run("restore", file)[0] == 0
    target._set_aside()
    code, said = run("restore", file)
    assert (code, "ALTER SCHEMA before_restore RENAME TO public" in said) == (2, True)
    assert run("restore", file, "--replace", "--yes")[0] == 0
    assert not target._exists(target.ASIDE)


def test_rows_that_do_not_come_back_are_noticed(elsewhere: Any) -> None:
    file = elsewhere()

    def lie(held: dict[str, bytes]) -> None:
        manifest = json.loads(held["manifest.json"])
        manifest["tables"]["prompt_requests"] += 1
        seal(held, manifest)

    rewrite(file, lie)
    code, said = run("restore", file)
    assert (code, "prompt_requests has 0 rows, not 1" in said) == (1, True)


def test_nobody_may_be_connected_unless_it_is_forced(elsewhere: Any) -> None:
    file = elsewhere()
    parameters = connection.get_connection_params()
    given = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    with psycopg.connect(**given, application_name="a forgotten worker"):
        code, said = run("restore", file)
        assert (code, "a forgotten worker (1)" in said) == (2, True)
        assert run("restore", file, "--force")[0] == 0


def test_a_backup_of_a_later_release_is_refused(elsewhere: Any) -> None:
    file = elsewhere()

    def from_the_future(held: dict[str, bytes]) -> None:
        manifest = json.loads(held["manifest.json"])
        manifest["migrations"]["prompts"].append("0999_flying_cars")
        seal(held, manifest)

    rewrite(file, from_the_future)
    code, said = run("restore", file)
    assert (code, "prompts.0999_flying_cars" in said) == (2, True)


def test_checkpoints_that_know_more_are_moved_aside_and_compared(elsewhere: Any, settings: Any) -> None:
    sealed(2)
    file, home = elsewhere(), connection.settings_dict["NAME"].removesuffix("_restored")
    newer = settings.AUDIT_CHECKPOINT_FILE
    use(home)
    (settings.DATA_DIR / "audit-signing-key").write_bytes(signing_key_of(file))
    sealing.seal()
    assert sealing.checkpoint(at_once=True)
    sealed(5)
    assert newer.exists()
    use(f"{home}_restored")
    code, said = run("restore", file)
    assert code == 0, said
    assert newer.with_name("audit-checkpoints.before-restore.jsonl").exists()
    assert "Missing of those that were kept: 2 checkpoints, from 4 links" in said


def signing_key_of(file: Path) -> bytes:
    """That of the installation that made the backup."""
    return (file.parent / "here" / "data" / "audit-signing-key").read_bytes()


def test_secret_keys_come_back_only_where_that_is_said(elsewhere: Any, settings: Any) -> None:
    made_here = settings.DATA_DIR / "audit-signing-key"
    file = elsewhere("--with-keys")
    key = settings.DATA_DIR / "secret-key"
    key.write_text("made at the first start\n")
    assert run("restore", file)[0] == 0
    assert key.read_text() == "made at the first start\n"
    assert run("restore", file, "--replace", "--yes", "--with-keys")[0] == 0
    assert key.read_text().strip() == settings.SECRET_KEY
    assert (settings.DATA_DIR / "audit-signing-key").read_text() == made_here.read_text()
    assert key.with_name("secret-key.before-restore").read_text() == "made at the first start\n"


def test_keys_that_were_never_put_in_are_asked_for_in_vain(elsewhere: Any) -> None:
    code, said = run("restore", elsewhere(), "--with-keys")
    assert (code, "made without --with-keys" in said) == (2, True)


def test_the_owner_of_a_database_needs_no_more_rights(elsewhere: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = elsewhere()
    name = connection.settings_dict["NAME"]
    role = f"{name}_owner"
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("This server lets nobody make roles.")
        cursor.execute(f'CREATE ROLE "{role}" LOGIN; ALTER DATABASE "{name}" OWNER TO "{role}"')
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "USER", role)
        assert here().variables["PGUSER"] == role
        assert run("restore", file)[0] == 0
        assert run("restore", file, "--replace", "--yes")[0] == 0
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP OWNED BY "{role}" CASCADE; ALTER DATABASE "{name}" OWNER TO CURRENT_USER')
        cursor.execute(f'DROP ROLE "{role}"')
