"""What is looked for on every page: barriers, and what doesn't fit."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

SCRIPT = Axe().axe_script
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: What a theme or a direction of writing may break; everything else is in the markup, which stays the same.
OF_THEMES = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
#: Around each page in the same way: it is looked at once.
SURROUNDINGS = ("#header", "#nav-sidebar")
HIDDEN = """Math.max(0, ...Array.from(document.querySelectorAll("#changelist .results"),
    (list) => list.scrollWidth - list.clientWidth))"""
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}


def barriers(page: Page, *, rules: tuple[str, ...] = (), surroundings: bool = False) -> list[str]:
    """What axe finds serious or critical on the page, a line each; by all its rules unless some are named."""
    page.evaluate(SCRIPT)
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    around = [] if surroundings else [[name] for name in SURROUNDINGS]
    # It would load the style sheets once more, and the policy of the page refuses the way it does that.
    options = {"resultTypes": ["violations"], "runOnly": only, "preload": False}
    found = page.evaluate("([around, options]) => axe.run({exclude: around}, options)", [around, options])
    return [line for violation in found["violations"] for line in _lines(violation)]


def _lines(violation: dict[str, Any]) -> list[str]:
    if violation["impact"] not in {"serious", "critical"}:
        return []
    return [f"{violation['id']}: {node['html'][:200]} ({node['failureSummary']})" for node in violation["nodes"]]


def hidden_columns(page: Page) -> list[str]:
    """Whether a list is wider than its frame on a small laptop."""
    hidden = page.evaluate(HIDDEN)
    return [f"{hidden} pixels of the list are hidden"] if hidden > 0 else []


def width_on_a_phone(page: Page) -> list[str]:
    """Whether the page gets wider than a phone; the window is as wide as before afterwards."""
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(DESK)
    return [f"{width} pixels wide on a phone"] if width > PHONE["width"] else []
