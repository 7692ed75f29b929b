"""From a file to text and to pictures of its pages, in a child process with limits. Knows no models, no database."""

from documents.reading.installed import languages, reader_name
from documents.reading.limits import Limits
from documents.reading.reader import draw, read
from documents.reading.reasons import REASONS, Interrupted, Unreadable
from documents.reading.results import PageText, Picture
from documents.reading.sniffing import HEAD_BYTES, media_type

__all__ = [
    "HEAD_BYTES",
    "REASONS",
    "Interrupted",
    "Limits",
    "PageText",
    "Picture",
    "Unreadable",
    "draw",
    "languages",
    "media_type",
    "read",
    "reader_name",
]
