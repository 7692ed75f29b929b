"""One measure a module: takes a fresh site, gives the figures of one round."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.figures import Figure
from benchmarks.measures.accept import accept
from benchmarks.measures.audit import audit
from benchmarks.measures.drain import drain
from benchmarks.measures.floors import floors
from benchmarks.measures.home import home
from benchmarks.measures.ocr import ocr
from benchmarks.measures.overhead import overhead
from benchmarks.measures.reading import read
from benchmarks.measures.resolve import resolve
from benchmarks.measures.starting import start
from benchmarks.site import Site

Measure = Callable[[Site], list[Figure]]

MEASURES: dict[str, Measure] = {
    "floors": floors,
    "accept": accept,
    "resolve": resolve,
    "read": read,
    "drain": drain,
    "overhead": overhead,
    "audit": audit,
    "home": home,
    "start": start,
    "ocr": ocr,
}
#: Which fields are found does not change from round to round.
ONCE = {"ocr"}
