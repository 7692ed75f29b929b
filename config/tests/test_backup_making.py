"""`manage.py backup`: one moment of the database, the files that it names, and no secret."""

from __future__ import annotations

import io
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection

from audit import keys, log
from audit.models import AuditEntry
from audit.tests.factories import append, sealed
from config.backups import clients, facts
from config.backups.archive import document_name
from config.tests.backups import members, move_to, run
from documents.models import DocumentFile
from documents.storage import path_of
from documents.tests.factories import upload
from prompts.models import PromptRequest
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    """Folders of the test's own."""
    move_to(settings, tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prompts.backup"


def manifest(file: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(members(file)["manifest.json"])
    return told


def entries() -> list[str]:
    return list(AuditEntry.objects.order_by("at").values_list("action", flat=True))


def in_another_connection(function: Any) -> None:
    def work() -> None:
        function()
        connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()


def test_what_is_written_while_it_is_made_is_not_in_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_request()
    dump = clients.dump

    @contextmanager
    def late(*arguments: Any) -> Iterator[BinaryIO]:
        in_another_connection(make_request)
        with dump(*arguments) as content:
            yield content

    monkeypatch.setattr(clients, "dump", late)
    assert run("backup", file)[0] == 0
    assert PromptRequest.objects.count() == 2
    assert manifest(file)["tables"]["prompt_requests"] == 1
    assert run("verify_backup", file)[0] == 0


def test_the_log_tells_of_it_before_and_after(file: Path) -> None:
    assert run("backup", file)[0] == 0
    assert entries() == ["backup.started", "backup.made"]
    made = json.loads(AuditEntry.objects.get(action="backup.made").content)["details"]
    assert made["size"] == file.stat().st_size
    assert manifest(file)["tables"]["audit_logs"] == 1


def test_nothing_stands_under_the_name_where_the_log_could_not_be_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = log.append

    def lose(action: str, **given: Any) -> Any:
        if action == "backup.made":
            raise OperationalError("the server closed the connection")
        return append(action, **given)

    monkeypatch.setattr(log, "append", lose)
    code, said = run("backup", file)
    assert (code, "closed the connection" in said) == (1, True)
    assert [entry.name for entry in file.parent.iterdir()] == ["data"]


def test_nothing_happens_where_a_file_is_there(file: Path) -> None:
    file.write_text("precious")
    code, said = run("backup", file)
    assert (code, file.read_text(), entries()) == (2, "precious", [])
    assert "--force" in said


def test_it_knows_the_log_and_holds_the_checkpoints_and_public_keys(file: Path) -> None:
    sealed(3)
    append()
    assert run("backup", file)[0] == 0
    chain, held = manifest(file)["chain"], members(file)
    assert (chain["size"], chain["checkpoint_size"], chain["waiting"]) == (3, 3, 2)
    assert held["audit-checkpoints.jsonl"] == django_settings.AUDIT_CHECKPOINT_FILE.read_bytes()
    assert held["audit-public-keys"].decode().split() == [keys.encoded(keys.signing_key().public_key())]


def test_no_secret_key_is_in_it_unless_that_is_said(file: Path, settings: Any) -> None:
    secrets = [settings.SECRET_KEY, settings.JWT_SIGNING_KEY]
    assert run("backup", file)[0] == 0
    assert not any(secret.encode() in file.read_bytes() for secret in secrets)
    code, said = run("backup", file, "--with-keys", "--force")
    assert code == 0
    assert "SECRET KEYS" in said
    assert [members(file)[f"keys/{name}"].decode().strip() for name in ("secret-key", "jwt-signing-key")] == secrets


def test_the_files_of_documents_are_in_it(file: Path) -> None:
    sha256 = upload("Total 7.00").file.sha256
    assert run("backup", file)[0] == 0
    assert members(file)[document_name(sha256)] == b"Total 7.00"


def test_missing_and_damaged_files_are_named(file: Path) -> None:
    gone, damaged, whole = (upload(f"Total {number}.00").file.sha256 for number in range(3))
    path_of(gone).unlink()
    path_of(damaged).write_bytes(b"Total 9,999.00")
    code, said = run("backup", file)
    assert code == 3
    assert "MISSING: 2 files" in said
    assert set(manifest(file)["documents"]["named"]) == {gone, damaged}
    assert [name for name in members(file) if name.startswith("documents/")] == [document_name(whole)]
    assert run("verify_backup", file)[0] == 3


def test_a_file_that_is_erased_between_dump_and_copy_is_not_missed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = upload("Total 7.00").file.sha256
    hashes = facts.document_hashes

    def then_erased() -> Iterator[str]:
        yield from hashes()
        in_another_connection(erase)

    def erase() -> None:
        path_of(sha256).unlink()
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            DocumentFile.objects.filter(sha256=sha256).update(sha256=f"erased {sha256}"[:64])

    monkeypatch.setattr(facts, "document_hashes", then_erased)
    assert run("backup", file)[0] == 0
    documents = manifest(file)["documents"]
    assert (documents["erased"], documents["absent"]) == (1, 0)


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(file: Path) -> None:
    make_request()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        code, said = run("backup", file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == 1
    assert "Nothing was written" in said
    assert [path.name for path in file.parent.iterdir() if "backup" in path.name] == []
    assert "backup.made" not in entries()


def test_a_dump_that_fails_says_why_and_leaves_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "SCHEMA", "nowhere")
    monkeypatch.setattr(facts, "SCHEMA", "public")
    code, said = run("backup", file)
    assert code == 1
    assert "pg_dump has failed" in said
    assert not file.exists()


def test_a_database_without_tables_is_not_backed_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "SCHEMA", "nowhere")
    code, said = run("backup", file)
    assert code == 2
    assert "nothing to back up" in said


def test_a_pg_dump_that_is_older_than_the_server_is_not_used(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    monkeypatch.setattr(clients, "DEBIAN", tmp_path)
    monkeypatch.setattr(clients, "_of_wheel", lambda name: [])
    monkeypatch.setattr("shutil.which", lambda name: str(old))
    code, said = run("backup", file)
    assert code == 64
    assert "of version 9" in said
    assert "apt-get install postgresql-client-" in said
    assert entries() == []


def test_the_password_is_in_no_argument_and_the_options_of_tls_get_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "canary 'in\" quotes")
    tls = {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/ca.pem", "sslpassword": "second canary"}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", connection.settings_dict["OPTIONS"] | tls)
    address = clients.here()
    assert "canary" not in address.conninfo
    assert address.variables["PGPASSWORD"] == "canary 'in\" quotes"
    assert address.variables["PGSSLMODE"] == "verify-full"
    assert address.variables["PGSSLROOTCERT"] == "/etc/ssl/ca.pem"
    assert "tcp_user_timeout=30000" in address.conninfo


def test_what_is_no_dump_is_no_backup() -> None:
    program = clients.find("pg_restore", at_least=1)
    with pytest.raises(Exception, match="pg_restore has failed"):
        clients.list_contents(program, io.BytesIO(b"no dump"))
