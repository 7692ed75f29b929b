"""The audit log in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from config.tests.browser.pages import AUDIT

pytestmark = pytest.mark.serial


def test_an_auditor_narrows_the_log_to_sign_ins(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.goto(AUDIT)
    window.page.click("#changelist-filter a >> text=login.succeeded")
    shown = set(window.page.locator("#result_list .field-what").all_inner_texts())
    assert shown == {"login.succeeded"}
