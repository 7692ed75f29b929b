"""Log injection: one event is one line of text, whatever stands in it."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from config.logs import LineFormatter

BREAKS = ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
#: What a terminal obeys, what hides text from readers, and what can't be written at all.
COMMANDS = ["\x1b[2J\x1b[1;1H", "\x07", "\x00", "\x9b31m", "\x08\x08\x08", "\u202etxt.exe", "\u2066x", "\ud800"]
FORGED = "CRITICAL root [-] forged"


def line_of(text: str) -> str:
    record = logging.LogRecord("prompts", logging.INFO, "", 0, "Sign-in of %s", (text,), None)
    return LineFormatter("%(levelname)s %(message)s").format(record)


@pytest.mark.parametrize("line_break", BREAKS)
def test_line_breaks_in_a_message_start_no_further_line(line_break: str) -> None:
    assert len(line_of(f"guest{line_break}{FORGED}").splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_terminal_would_obey_is_written_out(command: str) -> None:
    line = line_of(f"guest{command}x")
    assert line.isprintable()
    assert line.encode()


@pytest.mark.parametrize("text", ["สวัสดี", "مرحبا", "é", "a\tb", "\u200cنمی‌شود"])
def test_every_script_stays_readable(text: str) -> None:
    assert text in line_of(text)


@pytest.mark.parametrize("character", ["%0a", "%0d%0a", "%1b%5b2J", "%e2%80%a8"])
def test_a_path_forges_no_line(character: str, caplog: pytest.LogCaptureFixture, db: None) -> None:
    Client().get(f"/nothing/{character}{FORGED.replace(' ', '%20')}", headers={"User-Agent": f"x {FORGED}"})
    told = [LineFormatter("%(levelname)s %(name)s %(message)s").format(record) for record in caplog.records]
    assert told
    assert not [line for line in told if line.startswith(FORGED) or len(line.splitlines()) > 1]
