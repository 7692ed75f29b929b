"""Attacks on an export, by somebody who hands it on."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import keys
from audit.models import content_hash
from audit.services.exporting import export
from audit.verifier import GENESIS, Checkpoint, Report, key_id, keyring, link_hash, main, verify_export

pytestmark = pytest.mark.django_db(transaction=True)

Lines = list[dict[str, Any]]


@pytest.fixture
def lines(log_of_ten: None, tmp_path: Path) -> Lines:
    """An export of eleven links: header, key, checkpoints of 5, 10 and 11, entries, end."""
    export(tmp_path / "audit.jsonl")
    return [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()]


def check(lines: Lines, *, with_end: bool = True) -> tuple[int, str]:
    """Exit code and findings, with the installation's key pinned."""
    whole = [*lines[:-1], {"kind": "end", "lines": len(lines) - 1}] if with_end else lines
    report = Report()
    key = keys.encoded(keys.signing_key().public_key())
    verify_export(io.StringIO("".join(f"{json.dumps(line)}\n" for line in whole)), report, keys=[key])
    return report.exit_code, "\n".join(report.lines())


def place(lines: Lines, seq: int) -> int:
    return next(number for number, line in enumerate(lines) if line.get("seq") == seq)


def edited(lines: Lines, seq: int, /, **values: Any) -> Lines:
    at = place(lines, seq)
    return [*lines[:at], lines[at] | values, *lines[at + 1 :]]


def other_content(lines: Lines, seq: int) -> str:
    return str(lines[place(lines, seq)]["content"].replace('"position":', '"position":9'))


def edit(lines: Lines) -> Lines:
    return edited(lines, 4, content=other_content(lines, 4))


def edit_with_its_hash(lines: Lines) -> Lines:
    content = other_content(lines, 4)
    return edited(lines, 4, content=content, content_hash=content_hash(content).hex())


def rewrite(lines: Lines) -> Lines:
    """Consistent again, as somebody makes it who knows how."""
    previous = GENESIS
    for line in (line for line in edit_with_its_hash(lines) if line["kind"] == "entry"):
        current = link_hash(line["seq"], previous, bytes.fromhex(line["content_hash"]))
        lines = edited(lines, line["seq"], **line | {"prev_hash": previous.hex(), "hash": current.hex()})
        previous = current
    return lines


def rewrite_and_sign(lines: Lines) -> Lines:
    """The same with checkpoints of one's own, and one's own key put in the place of the real one."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    lines = rewrite(lines)
    signed: Lines = []
    for line in lines:
        if line["kind"] == "checkpoint":
            head = bytes.fromhex(lines[place(lines, line["size"])]["hash"])
            unsigned = Checkpoint(line["size"], head, line["at"], key_id(public), b"")
            line = {"kind": "checkpoint"} | unsigned._replace(signature=key.sign(unsigned.statement)).as_dict()
        elif line["kind"] == "key":
            line = {"kind": "key", "key": base64.b64encode(public).decode()}
        signed.append(line)
    return signed


def swap(lines: Lines) -> Lines:
    at = place(lines, 4)
    return [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]


def insert(lines: Lines) -> Lines:
    at = place(lines, 4)
    return [*lines[:at], lines[at], *lines[at:]]


def delete(lines: Lines) -> Lines:
    return [line for line in lines if line.get("seq") != 4]


def delete_tail(lines: Lines) -> Lines:
    return [line for line in lines if line.get("seq", 0) <= 7]


def replace_entry(lines: Lines) -> Lines:
    other = lines[place(lines, 5)]
    return edited(lines, 4, content=other["content"], content_hash=other["content_hash"])


def empty_entry(lines: Lines) -> Lines:
    return edited(lines, 4, content=None)


def forge_checkpoint(lines: Lines) -> Lines:
    return [line | {"size": 4} if line.get("size") == 5 else line for line in lines]


def nonsense(lines: Lines) -> Lines:
    return [*lines[:8], {"kind": "nonsense"}, *lines[8:]]


def second_header(lines: Lines) -> Lines:
    return [*lines[:8], lines[0], *lines[8:]]


def late_checkpoint(lines: Lines) -> Lines:
    return [*lines[:8], {"kind": "checkpoint"}, *lines[8:]]


def rewrite_without_checkpoints(lines: Lines) -> Lines:
    return [line for line in rewrite(lines) if line["kind"] != "checkpoint"]


FOUND: dict[Callable[[Lines], Lines], tuple[int, str]] = {
    edit: (1, "seq 4 (entry {}) has another content than its hash says"),
    edit_with_its_hash: (1, "seq 4 (entry {}) is not what was sealed here"),
    rewrite: (2, "checkpoint 1 of the export tells another link at seq 5"),
    rewrite_and_sign: (2, "checkpoint 1 of the export is signed with a key that is not trusted"),
    rewrite_without_checkpoints: (2, "the chain is under no checkpoint of a trusted key"),
    swap: (1, "seq 4 (entry {}) follows seq 5"),
    insert: (1, "seq 4 (entry {}) follows seq 4"),
    delete: (1, "follows seq 3: links are missing"),
    delete_tail: (2, "checkpoint 2 of the export tells 10 links, but the chain has no such link and ends at seq 7"),
    replace_entry: (1, "seq 4 (entry {}) is not what was sealed here"),
    empty_entry: (1, "seq 4 (entry {}) is gone, only its link is left"),
    forge_checkpoint: (2, "checkpoint 1 of the export has a wrong signature"),
    nonsense: (1, "line 9 can't be read"),
    second_header: (1, "a line of kind header stands in the wrong place"),
    late_checkpoint: (1, "line 9 can't be read"),
}


def test_an_export_that_nobody_touched_is_whole(lines: Lines) -> None:
    assert check(lines) == (0, "")


@pytest.mark.parametrize("attack", FOUND, ids=lambda attack: attack.__name__)
def test_an_attack_on_an_export_is_found_with_its_place(attack: Callable[[Lines], Lines], lines: Lines) -> None:
    code, words = FOUND[attack]
    found, output = check(attack(lines))
    assert (found, words.format(lines[place(lines, 4)]["entry"]) in output) == (code, True), output


def test_an_export_that_is_cut_off_is_found(lines: Lines) -> None:
    code, output = check(lines[:-1], with_end=False)
    assert (code, "is not the end of what was exported" in output) == (1, True)


@pytest.mark.parametrize("name", ["seq", "entry", "content", "content_hash", "prev_hash", "hash"])
@pytest.mark.parametrize("value", [None, -1, 2**70, [], {}, "x", "é", True, 1.5])
def test_values_of_a_wrong_kind_are_findings_and_no_failures(lines: Lines, name: str, value: Any) -> None:
    code, output = check(edited(lines, 4, **{name: value}))
    assert (code, bool(output)) == (1, True)


@pytest.mark.parametrize("content", ["", "[]", "1", "{}", "[" * 100_000, '{"id": 1, "at": 2}', "\ud800"])
def test_contents_of_a_wrong_kind_are_findings_and_no_failures(lines: Lines, content: str) -> None:
    assert check(edited(lines, 4, content=content))[0] == 1


@pytest.mark.parametrize("text", ["", "no export\n", "[]\n", '{"kind": "header"}\n', "\x00" * 100])
def test_what_is_no_export_is_no_answer(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "file")])
    assert ended.value.code == 64
    assert "no export" in capsys.readouterr().err


def test_numbers_beyond_every_chain_are_no_answer(lines: Lines, tmp_path: Path) -> None:
    """Python ends with 1 for an error that nobody caught, which would read as BROKEN."""
    changed = [line | dict.fromkeys(line.keys() & {"since", "seq"}, 2**70) for line in lines]
    (tmp_path / "file").write_text("".join(f"{json.dumps(line)}\n" for line in changed))
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "file")])
    assert ended.value.code == 64


@pytest.mark.parametrize("text", ["abc", "é", base64.b64encode(bytes(31)).decode()])
def test_what_is_no_key_is_named_with_what_a_key_is(text: str) -> None:
    with pytest.raises(ValueError, match=f"{text}' is no public key: that is 32 bytes in base64"):
        keyring([text])
