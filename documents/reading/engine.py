"""Tesseract: the picture of a page in, text and confidence out."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import NamedTuple

from PIL import Image
from tesserocr import PSM, RIL, PyTessBaseAPI, iterate_level  # type: ignore[import-untyped]

from documents.reading import preparation
from documents.reading.installed import ORIENTATION

#: What is on a page that is the right way up is recognised with more confidence than this, nearly always.
DOUBTFUL = 70
#: Tesseract's own measure of how sure it is which way up a page is.
MIN_ORIENTATION_CONFIDENCE = 1.0
#: Dots per inch. Told nothing, Tesseract guesses it, and takes more of what is small for dirt.
TOLD_RESOLUTION = 96
#: The languages that are written in a script, besides English, which is found among all of them.
SCRIPTS = {"Thai": "tha", "Arabic": "ara"}
OTHERS = frozenset(SCRIPTS.values())


class Reading(NamedTuple):
    """What was recognised; `confidence` is the mean of the words, 0 to 100, or None without words."""

    text: str
    confidence: int | None


class Engine:
    """Holds language data in memory from its first use on. For one thread at a time.

    `folder` has the data: English, what else there is of SCRIPTS, and that for telling orientation and script.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        found = {file.stem for file in Path(folder).glob("*.traineddata")}
        self._others = OTHERS & found
        self._has_osd = ORIENTATION in found
        self._apis: dict[str, PyTessBaseAPI] = {}

    def read(self, image: Image.Image) -> Reading:
        """The text on a picture in shades of grey, of whatever size, light and orientation."""
        page = preparation.levelled(image)
        if self._has_osd and (self._others or preparation.is_sideways(page)):
            turned, language = self._upright(page)
            return self._recognised(turned, language)
        first = self._recognised(page, self._all)
        if not self._has_osd or (first.confidence or 0) >= DOUBTFUL:
            return first
        turned, _language = self._upright(page)
        if turned is page:
            return first
        return max(first, self._recognised(turned, self._all), key=lambda reading: reading.confidence or 0)

    @property
    def _all(self) -> str:
        return "+".join(("eng", *sorted(self._others)))

    def _upright(self, page: Image.Image) -> tuple[Image.Image, str]:
        """The page turned by quarters until it is upright, and the languages for the script on it."""
        api = self._api(ORIENTATION, PSM.OSD_ONLY)
        _show(api, page)
        told = api.DetectOrientationScript()
        if told is None or told["orient_conf"] < MIN_ORIENTATION_CONFIDENCE:
            return page, self._all
        turned = page.rotate(told["orient_deg"], expand=True) if told["orient_deg"] else page
        language = SCRIPTS.get(told["script_name"])
        return turned, f"{language}+eng" if language in self._others else "eng"

    def _recognised(self, page: Image.Image, language: str) -> Reading:
        api = self._api(language, PSM.AUTO)
        page = preparation.straightened(page)
        height = _line_height(api, page)
        if height is None:
            return Reading("", None)
        _show(api, preparation.sized(page, height))
        text, words = api.GetUTF8Text(), api.AllWordConfidences()
        api.Clear()
        return Reading(text, round(sum(words) / len(words)) if words else None)

    def _api(self, language: str, mode: int) -> PyTessBaseAPI:
        if language not in self._apis:
            self._apis[language] = PyTessBaseAPI(path=self._folder, lang=language, psm=mode)
        return self._apis[language]


def _show(api: PyTessBaseAPI, page: Image.Image) -> None:
    api.SetImageBytes(page.tobytes(), page.width, page.height, 1, page.width)
    api.SetSourceResolution(TOLD_RESOLUTION)


def _line_height(api: PyTessBaseAPI, page: Image.Image) -> float | None:
    """The usual height of a line of text in pixels; None where there is none."""
    _show(api, page)
    layout = api.AnalyseLayout()
    if layout is None:
        return None
    boxes = [line.BoundingBox(RIL.TEXTLINE) for line in iterate_level(layout, RIL.TEXTLINE)]
    heights = [bottom - top for _left, top, _right, bottom in filter(None, boxes)]
    return median(heights) if heights else None
