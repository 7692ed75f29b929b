"""The parent's side: whatever the child does, reading ends, and the child is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading

import psutil
import pytest

from documents.reading import Interrupted, Limits, Unreadable, read, reader, reader_name
from documents.tests.reading import pdfs
from documents.tests.reading.pdfs import write


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Runs this text as the child."""

    def become(script):
        path = tmp_path / "child.py"
        path.write_text(textwrap.dedent(script))
        monkeypatch.setattr(reader, "CHILD", path)

    return become


def _read(tmp_path, content=b"text", **options):
    limits = Limits(**{name: options.pop(name) for name in list(options) if hasattr(Limits, name)})
    return read(write(tmp_path, "file", content), limits=limits, **options)


def _reason(tmp_path, **options):
    with pytest.raises(Unreadable) as caught:
        _read(tmp_path, **options)
    return caught.value.reason


def test_each_page_is_told_as_it_comes_with_the_number_of_pages(tmp_path):
    told = []
    _read(tmp_path, pdfs.with_text("a", "b"), on_page=lambda page, count: told.append((page.text, count)))
    assert told == [("a", 2), ("b", 2)]


def test_several_files_are_read_at_once(tmp_path):
    paths = [write(tmp_path, f"file{number}", f"text {number}".encode()) for number in range(4)]
    texts = {}
    threads = [
        threading.Thread(target=lambda path=path: texts.update({path.name: read(path, limits=Limits())[0].text}))
        for path in paths
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {f"file{number}": f"text {number}" for number in range(4)}


def test_a_missing_file_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="crashed"):
        read(tmp_path / "missing", limits=Limits())


def test_a_stopped_reading_kills_its_child(tmp_path, child):
    child("import time; time.sleep(60)")
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(Interrupted):
        _read(tmp_path, stop=stop)
    assert not [process for process in psutil.Process().children() if "child.py" in " ".join(process.cmdline())]


def test_a_child_that_gives_no_page_is_out_of_time(tmp_path, child):
    child("import time; time.sleep(60)")
    assert _reason(tmp_path, page_seconds=0.5) == "out_of_time"


def test_a_child_that_takes_too_long_in_all_is_out_of_time(tmp_path, child):
    child("import time; time.sleep(60)")
    assert _reason(tmp_path, seconds=0.5) == "out_of_time"


def test_a_child_that_closes_its_pipes_and_goes_on_is_killed(tmp_path, child):
    child("import os, time; os.close(1); os.close(2); time.sleep(60)")
    assert _reason(tmp_path) == "out_of_memory"


@pytest.mark.parametrize("said", ["nonsense", "[]", '{"page": {"number": 1}}', '{"other": 1}', "1"])
def test_a_child_that_talks_nonsense_has_crashed(tmp_path, child, said):
    child(f"print({said!r})")
    assert _reason(tmp_path) == "crashed"


def test_a_child_that_writes_without_end_is_killed(tmp_path, child):
    child("import os\nwhile True: os.write(1, b'x' * 65536)")
    assert _reason(tmp_path, max_text_bytes=1000) == "too_much_text"


def test_a_child_that_complains_without_end_is_bounded_by_time(tmp_path, child):
    child("import os\nwhile True: os.write(2, b'x' * 65536)")
    assert _reason(tmp_path, page_seconds=0.5) == "out_of_time"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import os; os.abort()", "crashed"),
        ("raise SystemExit(3)", "crashed"),
        ("raise MemoryError", "out_of_memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "out_of_time"),
        ("import os, time; data = bytearray(b'x') * (80 << 20); time.sleep(0.5); os.abort()", "out_of_memory"),
    ],
)
def test_how_a_child_dies_tells_why(tmp_path, child, script, reason):
    child(script)
    assert _reason(tmp_path, memory_bytes=100 << 20) == reason


def test_the_last_words_of_a_child_are_kept_for_the_log(tmp_path, child):
    child("raise ValueError('the disk is made of cheese')")
    with pytest.raises(Unreadable) as caught:
        _read(tmp_path)
    assert "made of cheese" in caught.value.detail


def test_a_child_sees_nothing_of_the_environment(tmp_path, child, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    child("import os; raise SystemExit(repr(sorted(os.environ)))")
    with pytest.raises(Unreadable) as caught:
        _read(tmp_path)
    assert "PATH" in caught.value.detail
    assert "SECRET_KEY" not in caught.value.detail


def test_reading_leaves_no_file_open(tmp_path):
    _read(tmp_path)
    before = len(os.listdir("/proc/self/fd"))
    _read(tmp_path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_parent_loads_no_library_that_reads():
    code = (
        "import sys, documents.reading as r; r.reader_name(); print({'PIL', 'tesserocr', 'pypdfium2'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_the_reader_is_named_by_what_reads():
    assert reader_name().startswith("pdfium ")
    assert "/eng+osd/" in reader_name()
    assert len(reader_name()) <= 100
