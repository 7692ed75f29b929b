"""`make fuzz` runs the property tests with servers of their own, as `make test` does."""

from __future__ import annotations

import pytest

from config.tests.fuzz import __main__ as fuzz


@pytest.mark.serial
def test_a_round_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started as `python -m config.tests.fuzz` is, which names the settings in the environment."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    one = "prompts/tests/test_token_text_fuzz.py::test_a_token_with_a_changed_character_has_none"
    monkeypatch.setattr(fuzz, "FACTOR", "1")
    monkeypatch.setattr(fuzz, "modules", lambda: [one])
    for name in ("PYTEST_XDIST_WORKER", "TEST_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert fuzz.round_of_examples()
