"""Whether the log is whole: what is compared, with which keys and files, and what is only noticed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from audit import keys
from audit.models import AuditCheckpoint
from audit.services import sealing
from audit.services.verification import verify
from audit.tests.attacks import delete_tail, delete_tail_with_its_checkpoints, edit_column
from audit.tests.factories import append, as_owner, backdated_entry, run_verify_audit, sealed, sql

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_log_that_nobody_touched_is_whole(log_of_ten: None) -> None:
    append()
    code, output = run_verify_audit()
    assert code == 0
    assert re.search(r"^Whole: 10 links, head [0-9a-f]{64}, last checkpoint 10 at ", output, re.MULTILINE)
    assert f"Public key {AuditCheckpoint.objects.all()[0].key_id}: " in output


def test_an_empty_log_is_whole() -> None:
    assert run_verify_audit()[0] == 0


def test_an_entry_that_waits_too_long_is_found(log_of_ten: None) -> None:
    entry = backdated_entry(61)
    code, output = run_verify_audit()
    assert (code, f"LATE: entry {entry} has been waiting" in output) == (3, True)


def test_an_entry_that_waits_for_less_is_none_of_it(log_of_ten: None) -> None:
    backdated_entry(50)
    assert run_verify_audit()[0] == 0


def test_an_entry_of_a_time_before_the_checkpoint_that_leaves_it_out_is_noticed(log_of_ten: None) -> None:
    entry = backdated_entry(3600)
    sealing.seal()
    code, output = run_verify_audit()
    assert code == 0
    assert re.search(rf"Notice: seq 11 \(entry {entry}\) tells .* doesn't cover it", output)


def test_the_gravest_finding_makes_the_exit_code(log_of_ten: None) -> None:
    backdated_entry(61)
    with as_owner():
        delete_tail()
    assert run_verify_audit()[0] == 2
    with as_owner():
        edit_column()
    assert run_verify_audit()[0] == 1


def test_many_findings_are_counted_rather_than_listed() -> None:
    sealed(250)
    with as_owner():
        sql("UPDATE audit_logs SET action = 'other'")
    output = run_verify_audit()[1]
    assert output.count("BROKEN: seq") == 100
    assert "BROKEN: 150 more" in output


# --- Keys and files -----------------------------------------------------------------------------------


def test_a_kept_file_can_be_named(log_of_ten: None, data_dir: Path, tmp_path: Path) -> None:
    kept = (data_dir / "audit-checkpoints.jsonl").rename(tmp_path / "kept.jsonl")
    with as_owner():
        delete_tail_with_its_checkpoints()
    assert run_verify_audit()[0] == 0
    assert run_verify_audit("--checkpoints", kept)[0] == 2


def test_without_a_file_it_is_said_what_was_not_compared(log_of_ten: None, data_dir: Path) -> None:
    (data_dir / "audit-checkpoints.jsonl").unlink()
    assert "nothing outside of the database was compared" in run_verify_audit()[1]


def test_a_named_file_that_is_missing_is_no_answer(log_of_ten: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", "--checkpoints", tmp_path / "none.jsonl")
    assert refused.value.returncode == 64


def test_only_a_pinned_key_is_believed(log_of_ten: None) -> None:
    own = keys.encoded(keys.signing_key().public_key())
    other = keys.encoded(Ed25519PrivateKey.generate().public_key())
    assert run_verify_audit("--public-key", own)[0] == 0
    assert run_verify_audit("--public-key", other)[0] == 2


def test_a_chain_without_its_checkpoints_is_noticed_and_against_a_pinned_key(log_of_ten: None, data_dir: Path) -> None:
    (data_dir / "audit-checkpoints.jsonl").unlink()
    with as_owner():
        sql("DELETE FROM audit_checkpoints")
    own = keys.encoded(keys.signing_key().public_key())
    code, output = run_verify_audit()
    assert (code, "is under no checkpoint of a trusted key" in output) == (0, True)
    assert run_verify_audit("--public-key", own)[0] == 2


def test_a_pinned_key_that_is_none_is_no_answer(log_of_ten: None) -> None:
    with pytest.raises(CommandError, match="not checked: 'abc' is no public key") as refusal:
        call_command("verify_audit", "--public-key", "abc")
    assert refusal.value.returncode == 64


def test_what_an_earlier_key_signed_is_believed_after_a_rotation(log_of_ten: None, data_dir: Path) -> None:
    (data_dir / "audit-signing-key").unlink()
    sealed(1)
    assert AuditCheckpoint.objects.values("key_id").distinct().count() == 2
    assert run_verify_audit()[0] == 0


def test_lines_that_a_full_disk_cut_off_are_noticed_only(log_of_ten: None, data_dir: Path) -> None:
    with (data_dir / "audit-checkpoints.jsonl").open("a") as file:
        file.write('{"at": "2026-')
    sealed(1)
    code, output = run_verify_audit()
    assert (code, "Notice: checkpoint in line 3 of the file can't be read." in output) == (0, True)
    assert verify().chain.last is not None


def test_an_empty_line_between_two_files_that_were_joined_is_no_finding(log_of_ten: None, data_dir: Path) -> None:
    path = data_dir / "audit-checkpoints.jsonl"
    path.write_text(f"{path.read_text()}\n{path.read_text()}")
    code, output = run_verify_audit()
    assert (code, "can't be read" in output) == (0, False)


def test_a_checkpoint_of_the_file_that_was_forged_is_found(log_of_ten: None, data_dir: Path) -> None:
    path = data_dir / "audit-checkpoints.jsonl"
    path.write_text(path.read_text().replace('"size": 5', '"size": 4'))
    code, output = run_verify_audit()
    assert (code, "checkpoint in line 1 of the file has a wrong signature" in output) == (2, True)


def test_entries_that_are_sealed_meanwhile_disturb_no_verification(log_of_ten: None) -> None:
    append()
    assert verify().report.exit_code == 0
    sealing.seal_and_checkpoint()
    assert verify().report.exit_code == 0
