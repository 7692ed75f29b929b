"""One event is one line, whatever stands in it."""

from __future__ import annotations

import logging

import pytest

from config.logs import LineFormatter


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_in_a_message_start_no_further_line(line_break: str) -> None:
    message = f"guest{line_break}CRITICAL root [-] forged"
    record = logging.LogRecord("prompts", logging.INFO, "", 0, "Sign-in of %s", (message,), None)
    assert len(LineFormatter("%(levelname)s %(message)s").format(record).splitlines()) == 1
