"""Files on disk: whole or not at all, each content once, for this account alone."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest

from documents import storage


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder
    return folder


class Broken:
    """A stream that ends in an error, as an upload that is cut off."""

    def __init__(self) -> None:
        self._reads = 0

    def read(self, size: int) -> bytes:
        self._reads += 1
        if self._reads > 1:
            raise ConnectionResetError
        return b"x" * 10


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_content_lies_under_its_hash(media: Path) -> None:
    stored = storage.store(BytesIO(b"receipt"), limit=100)
    sha256 = hashlib.sha256(b"receipt").hexdigest()
    assert (stored.sha256, stored.size, stored.head) == (sha256, 7, b"receipt")
    assert storage.path_of(sha256) == media / "documents" / sha256[:2] / sha256[2:4] / sha256
    assert storage.path_of(sha256).read_bytes() == b"receipt"


def test_a_long_content_is_stored_whole_with_its_beginning_told() -> None:
    content = os.urandom(3 * storage.CHUNK_BYTES + 17)
    stored = storage.store(BytesIO(content), limit=len(content))
    assert storage.path_of(stored.sha256).read_bytes() == content
    assert stored.head == content[: storage.HEAD_BYTES]


def test_a_beginning_that_comes_in_pieces_is_told_whole() -> None:
    class Dripping(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    assert storage.store(Dripping(b"%PDF-1.7"), limit=100).head == b"%PDF-1.7"


def test_what_is_longer_than_its_limit_is_refused_and_leaves_nothing(media: Path) -> None:
    with pytest.raises(storage.TooLarge):
        storage.store(BytesIO(b"x" * 101), limit=100)
    assert not files_below(media)


def test_what_a_check_refuses_leaves_nothing(media: Path) -> None:
    def refuse(stored: storage.Stored) -> None:
        raise LookupError(stored.size)

    with pytest.raises(LookupError, match="7"):
        storage.store(BytesIO(b"receipt"), limit=100, check=refuse)
    assert not files_below(media)


def test_an_upload_that_breaks_off_leaves_nothing(media: Path) -> None:
    with pytest.raises(ConnectionResetError):
        storage.store(Broken(), limit=100)  # type: ignore[arg-type]
    assert not files_below(media)


def test_all_of_it_is_on_disk_before_it_gets_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    storage.incoming()
    synced.clear()
    storage.store(BytesIO(b"receipt"), limit=100)
    assert synced[0] == len(b"receipt")


def test_the_same_content_is_written_once() -> None:
    first = storage.path_of(storage.store(BytesIO(b"receipt"), limit=100).sha256)
    before = first.stat().st_ino
    storage.store(BytesIO(b"receipt"), limit=100)
    assert first.stat().st_ino == before
    assert not list(storage.incoming().iterdir())


def test_many_at_once_store_one_content_whole(media: Path) -> None:
    content = os.urandom(1 << 20)
    threads = [
        threading.Thread(target=storage.store, args=(BytesIO(content),), kwargs={"limit": 1 << 21}) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (path,) = files_below(media)
    assert path.read_bytes() == content


def test_nobody_else_can_read_it(media: Path) -> None:
    storage.store(BytesIO(b"receipt"), limit=100)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [media, *media.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" + "a" * 63])
def test_only_a_hash_has_a_path(name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        storage.path_of(name)


def test_what_killed_processes_left_is_removed_when_it_is_old() -> None:
    old, young = storage.incoming() / "old", storage.incoming() / "young"
    old.touch()
    young.touch()
    long_ago = time.time() - storage.LEFTOVER_SECONDS - 1
    os.utime(old, (long_ago, long_ago))
    assert storage.remove_leftovers() == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_looking_for_leftovers_outlives_an_upload_that_ends_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = storage.incoming()
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([folder / "gone"]))
    assert storage.remove_leftovers() == 0
