"""What reads here: libraries and language data, found without loading them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: What is used where its data is found; what it is for is seen by the script on the page.
LANGUAGES = ("eng", "tha", "ara")
#: Tells which way up a page is and which script is on it.
ORIENTATION = "osd"
DEBIAN = Path("/usr/share/tesseract-ocr")
#: Raised whenever the steps before recognition change, as the same file then gives another text.
PREPARATION = "p1"


@lru_cache(maxsize=1)
def language_files() -> dict[str, Path]:
    """The data file of each language that was found, "osd" included; the first folder that has one counts."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for language in (*LANGUAGES, ORIENTATION):
            file = folder / f"{language}.traineddata"
            if language not in found and file.is_file():
                found[language] = file
    return found


@contextmanager
def data_folder() -> Iterator[Path]:
    """One folder with all the language data, as Tesseract wants it. It is there as long as the context is open."""
    files = language_files()
    folders = {file.parent for file in files.values()}
    if len(folders) == 1:
        yield folders.pop()
        return
    with tempfile.TemporaryDirectory(prefix="tessdata-") as name:
        for file in files.values():
            Path(name, file.name).symlink_to(file.resolve())
        yield Path(name)


def languages() -> tuple[str, ...]:
    """The languages that can be recognised, of "eng", "tha" and "ara"."""
    return tuple(language for language in LANGUAGES if language in language_files())


@lru_cache(maxsize=1)
def reader_name() -> str:
    """Names what reads, in at most 100 characters: another name may read the same file otherwise."""
    names = "+".join((*languages(), *(name for name in (ORIENTATION,) if name in language_files())))
    return f"pdfium {_version('pypdfium2')}/tesseract {_version('tesserocr')}/{names}/{PREPARATION}"[:100]


def _folders() -> Iterable[Path]:
    """Where language data may lie: what the operator names, PyPI's packages, Debian's."""
    if prefix := os.environ.get("TESSDATA_PREFIX"):
        yield from (Path(prefix), Path(prefix) / "tessdata")
    yield Path(sys.prefix) / "share" / "tessdata"
    yield from sorted(DEBIAN.glob("*/tessdata"), reverse=True)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
