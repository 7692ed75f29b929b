"""Every page of the console in Thai: no text makes it too wide, and on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from config.tests.browser.walking import themes_of, walk
from config.tests.e2e.installation import Installation

pytestmark = [pytest.mark.serial, pytest.mark.timeout(900)]


@pytest.mark.usefixtures("thai_letters")
@pytest.mark.parametrize("theme", themes_of("th"))
def test_every_page_works_in_thai(console: Any, filled: Installation, theme: str) -> None:
    assert walk(console("th", theme), filled) == {}
