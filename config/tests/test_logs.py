"""What a log line costs besides its text."""

from __future__ import annotations

import linecache
import logging
import sys

from config.logs import LineFormatter


def test_the_sources_that_a_traceback_shows_are_not_kept() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("prompts", logging.ERROR, "", 0, "It failed.", (), sys.exc_info())
    assert 'raise ValueError("broken")' in LineFormatter("%(message)s").format(record)
    assert not linecache.cache
