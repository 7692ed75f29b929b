"""Exports, checked by the verifier alone: a copy of one file in an empty folder."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from audit import keys, verifier
from audit.models import AuditEntry
from audit.services import sealing
from audit.services.exporting import export
from audit.tests.attacks import ATTACKS, delete_tail_with_its_checkpoints, edit_column, edit_time
from audit.tests.factories import append, as_owner, backdated_entry, sealed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]

Lines = list[dict[str, Any]]


class Exported:
    """An export in an empty folder, beside a copy of the verifier."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "audit.jsonl"
        self.verifier = shutil.copy(verifier.__file__, folder)

    def write(self, **options: Any) -> None:
        call_command("export_audit", self.path, verbosity=0, **options)

    def lines(self) -> Lines:
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]

    def change(self, change: Callable[[Lines], Lines]) -> None:
        """Rewrite the file, with an end that fits."""
        lines = change(self.lines()[:-1])
        lines.append({"kind": "end", "lines": len(lines)})
        self.path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")

    def check(self, *arguments: object) -> tuple[int, str]:
        """Exit code and output of the verifier, which finds nothing of the project."""
        command = [sys.executable, "-I", self.verifier, self.path, *map(str, arguments)]
        result = subprocess.run(
            command, cwd=self.path.parent, env={}, capture_output=True, text=True, timeout=60, check=False
        )
        return result.returncode, result.stdout + result.stderr


@pytest.fixture
def exported(tmp_path: Path) -> Exported:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Exported(folder)


def pinned() -> list[str]:
    """Options that name the key and the checkpoints that were kept."""
    key = keys.encoded(keys.signing_key().public_key())
    return ["--public-key", key, "--checkpoints", str(settings.AUDIT_CHECKPOINT_FILE)]


def test_an_export_of_a_whole_log_is_whole(log_of_ten: None, exported: Exported) -> None:
    exported.write()
    code, output = exported.check(*pinned())
    assert code == 0, output
    assert re.search(r"^Exported \S+: 11 links, head [0-9a-f]{64}, last checkpoint 11 at ", output, re.MULTILINE)
    assert "Notice" not in output


def test_the_export_is_audited_and_in_itself(log_of_ten: None, exported: Exported) -> None:
    exported.write()
    (entry,) = AuditEntry.objects.filter(action="audit.exported")
    assert json.loads(entry.content)["details"] == {"since": 1, "size": 10}
    (last,) = [line for line in exported.lines() if line.get("seq") == 11]
    assert last["content"] == entry.content


def test_the_export_is_for_its_owner_only_and_leaves_no_draft(log_of_ten: None, exported: Exported) -> None:
    exported.write()
    assert stat.S_IMODE(exported.path.stat().st_mode) == 0o600
    assert {path.name for path in exported.path.parent.iterdir()} == {"audit.jsonl", "verifier.py"}


def test_what_waits_is_in_the_export_too(log_of_ten: None, exported: Exported, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = backdated_entry(3600)
    monkeypatch.setattr(sealing, "seal", lambda: 0)
    exported.write()
    code, output = exported.check(*pinned())
    assert (code, f"LATE: entry {entry} has been waiting" in output) == (3, True)


def test_without_a_pinned_key_it_is_said_whom_one_believes(log_of_ten: None, exported: Exported) -> None:
    exported.write()
    code, output = exported.check()
    assert (code, "Notice: the key comes from the export itself." in output) == (0, True)


def test_a_part_of_the_log_says_what_it_cannot_show(log_of_ten: None, exported: Exported) -> None:
    exported.write(since=6)
    code, output = exported.check(*pinned())
    assert code == 0, output
    assert "Notice: the export begins at seq 6; it can't show what was before." in output
    assert [line["seq"] for line in exported.lines() if line["kind"] == "entry"] == [6, 7, 8, 9, 10, 11]


def test_a_part_that_does_not_continue_the_checkpoint_before_is_found(log_of_ten: None, exported: Exported) -> None:
    exported.write(since=6)
    exported.change(lambda lines: [lines[0] | {"prev_hash": "00" * 32}, *lines[1:]])
    code, output = exported.check(*pinned())
    assert (code, "seq 6 (entry " in output, "tells another link at seq 5" in output) == (1, True, True)


@pytest.mark.parametrize("since", [0, -1, 12])
def test_a_part_that_does_not_exist_is_refused(log_of_ten: None, exported: Exported, since: int) -> None:
    with pytest.raises(CommandError, match="The chain has 10 links"):
        exported.write(since=since)
    assert not exported.path.exists()
    assert AuditEntry.objects.filter(action="audit.exported").count() == 0


def test_a_file_that_cannot_be_written_is_told_before_anything_is_audited(log_of_ten: None, tmp_path: Path) -> None:
    file = tmp_path / "no" / "folder.jsonl"
    with pytest.raises(CommandError) as refusal:
        call_command("export_audit", file)
    sentence = f"Nothing was exported: {file} can't be written: No such file or directory."
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 2)
    assert AuditEntry.objects.filter(action="audit.exported").count() == 0


def test_an_export_that_fails_leaves_the_one_before(
    log_of_ten: None, exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported.write()
    before = exported.path.read_bytes()
    monkeypatch.setattr("audit.services.exporting._entry", lambda link: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(exported.path)
    assert exported.path.read_bytes() == before
    assert {path.name for path in exported.path.parent.iterdir()} == {"audit.jsonl", "verifier.py"}


def test_texts_of_all_kinds_survive(exported: Exported) -> None:
    append(text='ก\u2028\x85"\\\x00\x1f😀ﷺ\r\n', number=2**53 - 1)
    exported.write()
    code, output = exported.check()
    assert code == 0, output


# --- A log that was attacked, exported by an honest installation -----------------------------------------

#: Columns aren't exported: the content is what counts.
SEEN_BY_EXPORT = [attack for attack in ATTACKS if attack not in {edit_column, edit_time}]


@pytest.mark.parametrize("attack", SEEN_BY_EXPORT, ids=lambda attack: attack.__name__)
def test_an_attack_on_the_database_shows_in_its_export(
    attack: Callable[[], None], log_of_ten: None, exported: Exported
) -> None:
    trusted = pinned()
    with as_owner():
        attack()
    exported.write()
    assert exported.check(*trusted)[0] == ATTACKS[attack][0]


def test_a_cut_off_tail_shows_only_against_kept_checkpoints(log_of_ten: None, exported: Exported) -> None:
    with as_owner():
        delete_tail_with_its_checkpoints()
    sealed(3)
    exported.write()
    assert exported.check()[0] == 0
    code, output = exported.check(*pinned())
    assert (code, "line 2 of the file tells another link at seq 10" in output) == (2, True)


def test_checkpoints_that_are_younger_than_the_export_say_nothing_of_it(log_of_ten: None, exported: Exported) -> None:
    exported.write()
    sealed(3)
    code, output = exported.check(*pinned())
    assert (code, "is younger than the export" in output) == (0, True)
