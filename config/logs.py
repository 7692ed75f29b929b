"""Log lines: one event a line, with the correlation id of the HTTP request that caused it."""

from __future__ import annotations

import linecache
import logging
import re
from contextvars import ContextVar
from traceback import format_exception_only
from typing import Any

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="-")
# What starts a line, what a terminal obeys, what turns the direction of what follows, and what UTF-8 can't hold.
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class CorrelationFilter(logging.Filter):
    """Adds `correlation_id` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.correlation_id = correlation_id.get()
        return True


class LineFormatter(logging.Formatter):
    """Keeps a message from forging further log lines, and from doing anything to the terminal that shows it.

    Of a server that is away it tells in one line more: every call fails then, each with hundreds of lines of a
    traceback that lead to the same place.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _UNSAFE.sub(_written_out, super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        # Not above: the settings read this module, and that one needs Django's.
        from config.explanations import is_away

        if is_away(ei[1]):
            # libpq's texts have several lines.
            return _UNSAFE.sub(_written_out, " ".join("".join(format_exception_only(ei[1])).split()))
        text = super().formatException(ei)
        # Python keeps every line of each file that a traceback passes, a megabyte in all; to read them anew takes 1 ms.
        linecache.clearcache()
        return text


def _written_out(found: re.Match[str]) -> str:
    """As Python writes it in a string."""
    return found[0].encode("unicode_escape").decode()
