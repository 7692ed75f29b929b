"""The file of a backup: any tar can read it, and nothing but a whole one of ours is accepted."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import tarfile
from pathlib import Path
from tarfile import TarInfo

import pytest

from config.backups.archive import BLOCK, Writer, document_name, opened, places
from config.backups.drafts import draft
from config.backups.exceptions import BackupError, Damaged, Refused

LONG = os.urandom(3 * BLOCK + 1)
CONTENTS = {"database.dump": LONG, "audit-public-keys": b"", document_name(hashlib.sha256(b"x").hexdigest()): b"x"}


def written() -> io.BytesIO:
    file = io.BytesIO()
    writer = Writer(file)
    for name, content in CONTENTS.items():
        writer.add(name, io.BytesIO(content))
    writer.finish()
    return file


def read(file: io.BytesIO) -> dict[str, bytes]:
    return {place.name: opened(file, place).read() for place in places(file)}


def tar_of(*members: TarInfo) -> io.BytesIO:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return file


def named(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> TarInfo:
    member = TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def test_what_was_written_is_read() -> None:
    assert read(written()) == CONTENTS


def test_it_is_a_plain_tar() -> None:
    file = written()
    file.seek(0)
    with tarfile.open(fileobj=file) as archive:
        assert archive.getnames() == list(CONTENTS)
        found = archive.extractfile("database.dump")
        assert found is not None
        assert found.read() == LONG


def test_a_member_that_was_taken_back_leaves_no_trace() -> None:
    file = io.BytesIO()
    writer = Writer(file)
    writer.add("audit-public-keys", io.BytesIO(b"kept"))
    writer.add("database.dump", io.BytesIO(LONG))
    writer.take_back()
    writer.finish()
    assert read(file) == {"audit-public-keys": b"kept"}


@pytest.mark.parametrize("length", [0, 1, BLOCK, BLOCK + 100, 5 * BLOCK, -2 * BLOCK, -BLOCK, -1])
def test_one_that_was_cut_short_is_refused(length: int) -> None:
    whole = written().getvalue()
    with pytest.raises(Damaged):
        read(io.BytesIO(whole[:length]))


def test_what_is_no_archive_at_all_is_called_no_backup() -> None:
    with pytest.raises(Damaged, match="This is no backup"):
        read(io.BytesIO(b"A letter to the printer. " * BLOCK))


def test_something_added_to_its_end_is_refused() -> None:
    with pytest.raises(Damaged, match="added to its end"):
        read(io.BytesIO(written().getvalue() + b"more"))


@pytest.mark.parametrize(
    "member",
    [
        named("/etc/passwd"),
        named("../../etc/passwd"),
        named("documents/../../secret-key"),
        named("documents/aa/bb/" + "c" * 64),
        named("documents/cc/cc/" + "c" * 63 + "\n"),
        named("anything else"),
        named("database.dump", tarfile.SYMTYPE, "/etc/passwd"),
        named("database.dump", tarfile.LNKTYPE, "/etc/passwd"),
        named("database.dump", tarfile.DIRTYPE),
        named("database.dump", tarfile.CHRTYPE),
        named("database.dump", tarfile.FIFOTYPE),
        named("database.dump" * 20),
    ],
    ids=lambda member: f"{member.name[:30]}-{member.type.decode()}",
)
def test_links_devices_and_foreign_names_are_refused(member: TarInfo) -> None:
    with pytest.raises(Damaged):
        read(tar_of(member))


def test_a_size_below_nothing_is_refused() -> None:
    header = bytearray(named("database.dump").tobuf(tarfile.GNU_FORMAT, "ascii", "strict"))
    header[124:136] = b"\xff" * 12
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(Damaged):
        read(io.BytesIO(bytes(header) + bytes(2 * BLOCK)))


def test_a_file_appears_under_its_name_when_it_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    with draft(path, force=False) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["backup"]


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    def write() -> None:
        with draft(tmp_path / "backup", force=False) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(BackupError, match="No space left"):
        write()
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    path.write_bytes(b"older")
    with pytest.raises(Refused, match="--force"), draft(path, force=False):
        pass
    assert path.read_bytes() == b"older"
    with draft(path, force=True) as file:
        file.write(b"newer")
    assert path.read_bytes() == b"newer"


def test_a_device_or_a_pipe_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(Refused, match="device or a pipe"), draft(path, force=True):
        pass
    assert path.is_fifo()


def test_a_link_is_never_replaced(tmp_path: Path) -> None:
    path, aim = tmp_path / "latest", tmp_path / "monday"
    aim.write_bytes(b"older")
    path.symlink_to(aim)
    with pytest.raises(Refused, match="is a link"), draft(path, force=True):
        pass
    assert path.is_symlink()
    assert aim.read_bytes() == b"older"


def test_one_that_comes_into_being_meanwhile_is_not_replaced_either(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    with pytest.raises(Refused, match="--force"), draft(path, force=False):
        path.write_bytes(b"somebody else's")
    assert path.read_bytes() == b"somebody else's"


def test_a_process_that_is_killed_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    here, there = os.pipe()
    if (child := os.fork()) == 0:
        with draft(path, force=False) as file:
            file.write(written().getvalue()[:BLOCK])
            file.flush()
            os.write(there, b".")
            signal.pause()
    os.read(here, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(".part")
    with left.open("rb") as file, pytest.raises(Damaged):
        list(places(file))
