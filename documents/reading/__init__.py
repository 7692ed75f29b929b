"""From a file to text, in a child process with limits. Knows no models and no database."""

from documents.reading.installed import languages, reader_name
from documents.reading.limits import Limits
from documents.reading.reader import read
from documents.reading.reasons import REASONS, Interrupted, Unreadable
from documents.reading.results import PageText
from documents.reading.sniffing import HEAD_BYTES, media_type

__all__ = [
    "HEAD_BYTES",
    "REASONS",
    "Interrupted",
    "Limits",
    "PageText",
    "Unreadable",
    "languages",
    "media_type",
    "read",
    "reader_name",
]
