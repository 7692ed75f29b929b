"""Files into text: how much of labelled scans is found, and how fast. Takes the folder of scans from SCANS."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from PIL import Image

from benchmarks.figures import Figure
from benchmarks.measures import scans
from benchmarks.measures.scans import Labelled, Spoil
from benchmarks.site import Site
from documents.reading import Limits, PageText, read
from documents.reading.installed import data_folder
from documents.tests.reading import pdfs

PAGES = 100
MAX_PDF_SECONDS, MAX_PAGE_SECONDS = 2.0, 1.0
LINES = "\n".join(f"Line {number}: the quick brown fox jumps over the lazy dog, 1,234.56." for number in range(55))


def ocr(site: Site) -> list[Figure]:
    """The share of labelled values found, for each way to spoil a scan; floor: Tesseract on the bare file."""
    with tempfile.TemporaryDirectory(prefix="apm-") as name:
        folder = Path(name)
        return [_pdf(folder), *_shares(folder)]


def _pdf(folder: Path) -> Figure:
    path = pdfs.write(folder, "text.pdf", pdfs.with_text(*[LINES] * PAGES))
    started = time.monotonic()
    pages = read(path, limits=Limits())
    seconds = time.monotonic() - started
    assert [page.source for page in pages] == ["layer"] * PAGES
    remarks = f"{PAGES} pages with a text layer, the whole call"
    return Figure("ocr text PDF", seconds, "s", aim=MAX_PDF_SECONDS, remarks=remarks)


def _shares(folder: Path) -> list[Figure]:
    labelled = scans.labelled()
    if not labelled:
        print(f"No labelled scans in {scans.FOLDER}: name their folder in SCANS to measure recognition.")
        return []
    figures = [_share(name, spoil, labelled, folder) for name, spoil in scans.VARIANTS.items()]
    return [_speed(labelled, folder), *figures]


def _share(name: str, spoil: Spoil, labelled: list[Labelled], folder: Path) -> Figure:
    before = after = count = 0
    for scan in labelled:
        path = scans.spoilt(scan, spoil, folder)
        plain, text = _plain(path), _text(read(path, limits=Limits()))
        for field, value in scan.values.items():
            count += 1
            before += scans.is_found(field, value, plain)
            after += scans.is_found(field, value, text)
    remarks = f"{after} of {count} values found, {before} by Tesseract alone"
    return Figure(f"ocr {name}", 100 * after / count, "%", 100 * before / count, "bare Tesseract", remarks=remarks)


def _speed(labelled: list[Labelled], folder: Path) -> Figure:
    """All scans as the pages of one PDF."""
    images = [Image.open(scan.file) for scan in labelled]
    path = pdfs.write(folder, "scans.pdf", pdfs.of_scans(*images))
    started = time.monotonic()
    pages = read(path, limits=Limits())
    seconds = (time.monotonic() - started) / len(pages)
    floor = _plain_seconds(labelled)
    remarks = f"{len(pages)} pages on {os.cpu_count()} cores"
    return Figure("ocr scanned PDF", seconds, "s a page", floor, "bare Tesseract", MAX_PAGE_SECONDS, remarks=remarks)


def _plain_seconds(labelled: list[Labelled]) -> float:
    """What Tesseract takes for a page, on the file as it is, one after the other."""
    started = time.monotonic()
    for scan in labelled:
        _plain(scan.file)
    return (time.monotonic() - started) / len(labelled)


def _plain(path: Path) -> str:
    from tesserocr import PyTessBaseAPI  # type: ignore[import-untyped]

    with data_folder() as data, PyTessBaseAPI(path=str(data), lang="eng") as api:
        api.SetImageFile(str(path))
        return str(api.GetUTF8Text())


def _text(pages: list[PageText]) -> str:
    return "\n".join(page.text for page in pages)
