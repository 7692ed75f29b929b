"""Taking in a ZIP archive: the good files of it, whatever the others are made of."""

from __future__ import annotations

import bz2
import stat
import struct
import time
import tracemalloc
import warnings
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest

from documents.models import Document
from documents.services.storing import Added, add_archive
from prompts.exceptions import InvalidInput
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db

Files = list[tuple[str | zipfile.ZipInfo, bytes]]


def packed(files: Files) -> BytesIO:
    content = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w") as archive:
        warnings.simplefilter("ignore")  # of a name that comes twice
        for name, data in files:
            archive.writestr(name, data, compress_type=zipfile.ZIP_DEFLATED)
    content.seek(0)
    return content


def packed_as(method: int, data: bytes) -> BytesIO:
    """An archive whose first file says that it was packed by this method and has a hundred bytes."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("odd.txt", data)
        archive.writestr("a.txt", b"one")
    raw = bytearray(content.getvalue())
    entry = raw.index(b"PK\x01\x02")
    struct.pack_into("<H", raw, 8, method)
    struct.pack_into("<H", raw, entry + 10, method)
    struct.pack_into("<L", raw, entry + 24, 100)
    return BytesIO(bytes(raw))


def add(content: BytesIO) -> Added:
    return add_archive(user=make_user(), content=content)


def names(added: Added) -> list[str]:
    return [document.name for document in added.documents]


def refused(added: Added) -> dict[str, str]:
    return {one.name: one.message for one in added.refused}


def refusal(content: BytesIO) -> str:
    with pytest.raises(InvalidInput) as caught:
        add(content)
    assert set(caught.value.errors) == {"archive"}
    assert not Document.objects.exists()
    return str(caught.value.message)


def test_each_file_becomes_a_document_in_order() -> None:
    added = add(packed([("b.txt", b"two"), ("a.txt", b"one")]))
    assert (names(added), added.refused) == (["b.txt", "a.txt"], [])


def test_folders_hidden_files_and_what_a_mac_adds_are_passed_over() -> None:
    files: Files = [("r/", b""), ("r/x.txt", b"one"), ("__MACOSX/r/._x.txt", b"junk"), (".DS_Store", b"junk")]
    added = add(packed(files))
    assert (names(added), added.refused) == (["x.txt"], [])


def test_two_files_of_one_name_are_told_apart_by_their_folders() -> None:
    assert names(add(packed([("a/x.txt", b"one"), ("b/x.txt", b"two")]))) == ["x.txt", "b/x.txt"]


def test_a_path_in_a_name_leads_nowhere(tmp_path: Path) -> None:
    added = add(packed([("../../evil.txt", b"one"), (f"{tmp_path}/abs.txt", b"two"), ("C:\\win.txt", b"three")]))
    assert names(added) == ["evil.txt", "abs.txt", "win.txt"]
    assert not list(tmp_path.iterdir())


def test_a_bad_file_stops_no_other() -> None:
    added = add(
        packed([("good.txt", b"one"), ("program.exe", b"MZ\x00\x01"), ("empty.txt", b""), ("last.txt", b"two")])
    )
    assert names(added) == ["good.txt", "last.txt"]
    assert set(refused(added)) == {"program.exe", "empty.txt"}
    assert "kind of file" in refused(added)["program.exe"]


def test_a_name_that_comes_twice_is_taken_once() -> None:
    added = add(packed([("x.txt", b"one"), ("x.txt", b"two")]))
    assert names(added) == ["x.txt"]
    assert "more than once" in refused(added)["x.txt"]


def test_an_archive_inside_is_not_opened() -> None:
    inner = packed([("deep.txt", b"deep")]).getvalue()
    assert "kind of file" in refused(add(packed([("inner.zip", inner), ("a.txt", b"one")])))["inner.zip"]


def test_a_file_behind_a_password_is_refused_by_name() -> None:
    content = bytearray(packed([("secret.txt", b"one"), ("open.txt", b"two")]).getvalue())
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    added = add(BytesIO(bytes(content)))
    assert names(added) == ["open.txt"]
    assert "password" in refused(added)["secret.txt"]


def test_a_link_is_not_followed() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    added = add(packed([(link, b"/etc/passwd"), ("a.txt", b"one")]))
    assert names(added) == ["a.txt"]
    assert "link" in refused(added)["link.txt"]


def test_a_damaged_file_is_refused_and_the_others_are_taken() -> None:
    content = bytearray(packed([("bad.txt", b"one" * 50), ("good.txt", b"two")]).getvalue())
    content[40] ^= 0xFF
    added = add(BytesIO(bytes(content)))
    assert names(added) == ["good.txt"]
    assert "damaged" in refused(added)["bad.txt"]


def test_a_file_that_is_too_large_is_refused(settings) -> None:
    settings.DOCUMENT_MAX_BYTES = 1024 * 1024
    added = add(packed([("big.txt", b"x" * (1024 * 1024 + 1)), ("a.txt", b"one")]))
    assert names(added) == ["a.txt"]
    assert "larger than 1 MB" in refused(added)["big.txt"]


def test_a_file_that_says_it_is_small_is_not_read_past_that(settings) -> None:
    settings.DOCUMENT_MAX_BYTES = 1024
    content = bytearray(packed([("liar.txt", b"x" * 100_000)]).getvalue())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 100)
    added = add(BytesIO(bytes(content)))
    assert (names(added), set(refused(added))) == ([], {"liar.txt"})


def test_a_file_packed_like_a_bomb_is_refused_unread(settings) -> None:
    settings.DOCUMENT_MAX_BYTES = 1 << 40
    started = time.monotonic()
    added = add(packed([("bomb.txt", b" " * (30 << 20)), ("a.txt", b"one")]))
    assert time.monotonic() - started < 5
    assert names(added) == ["a.txt"]
    assert "densely" in refused(added)["bomb.txt"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 99])
def test_what_is_packed_by_a_method_that_knows_no_bounds_is_refused(method: int) -> None:
    added = add(packed_as(method, b"one"))
    assert (names(added), set(refused(added))) == (["a.txt"], {"odd.txt"})
    assert "ordinary ZIP" in refused(added)["odd.txt"]


def test_a_bomb_that_says_it_is_small_is_not_unpacked_in_memory() -> None:
    content = packed_as(zipfile.ZIP_BZIP2, bz2.compress(bytes(200 << 20)))
    tracemalloc.start()
    assert set(refused(add(content))) == {"odd.txt"}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


def test_all_together_unpack_to_no_more_than_an_upload_may_be(settings) -> None:
    settings.UPLOAD_MAX_BYTES = 2500
    added = add(packed([(f"{number}.txt", b"%d" % number * 1000) for number in range(4)]))
    assert names(added) == ["0.txt", "1.txt"]
    assert set(refused(added)) == {"2.txt", "3.txt"}


def test_more_files_than_a_batch_may_have_are_refused_together(settings) -> None:
    settings.BATCH_MAX_DOCUMENTS = 2
    assert "more than 2 files" in refusal(packed([(f"{number}.txt", b"one") for number in range(3)]))


def test_a_table_of_contents_of_a_million_files_is_not_read_into_memory(settings) -> None:
    settings.BATCH_MAX_DOCUMENTS = 10
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    table = entry * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(table), 0, 0)
    content = BytesIO(table + end)
    tracemalloc.start()
    assert "no ZIP archive" in refusal(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04", b"PK\x05\x06" + b"\x00" * 17])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    assert "no ZIP archive" in refusal(BytesIO(content))


def test_a_truncated_archive_is_refused() -> None:
    assert "damaged" in refusal(BytesIO(packed([("a.txt", b"one" * 100)]).getvalue()[:-30]))


def test_an_empty_archive_says_so() -> None:
    assert "no files" in refusal(packed([("folder/", b"")]))


def test_a_full_disk_is_not_told_as_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("documents.storage.store", full)
    with pytest.raises(OSError, match="No space"):
        add(packed([("a.txt", b"one")]))


def test_damaging_any_byte_never_does_worse_than_refusing() -> None:
    content = packed([("a.txt", b"one" * 20), ("b.txt", b"two")]).getvalue()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        with suppress(InvalidInput):
            add(BytesIO(bytes(damaged)))
