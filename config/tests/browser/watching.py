"""A page that notes whatever the browser complains about."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Response

from config.tests.browser import looking
from config.tests.e2e.installation import PASSWORD, USERNAME

#: Redoc's page names no icon, and shows a logo from its maker's site, which our policy refuses as it should.
EXPECTED = ("/favicon.ico", "https://cdn.redoc.ly/")


class Console:
    """One window. `problems` holds script errors, refusals of the content security policy and missing files."""

    def __init__(self, context: BrowserContext, language: str, theme: str) -> None:
        self.context = context
        self.language = language
        self.theme = theme
        self.problems: list[str] = []
        self.page = context.new_page()
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._note_response)

    def sign_in(self, username: str = USERNAME) -> None:
        """Sign in through the form."""
        self.page.goto("/admin/login/")
        self.picture("login")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("input[type=submit]")

    def visit(self, path: str, name: str) -> None:
        """Open a page and take its picture."""
        self.page.goto(path)
        self.picture(name)

    def picture(self, name: str) -> None:
        """Keep a picture of the page where SCREENSHOTS says."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.wait_for_load_state("networkidle")
            path = Path(folder, f"{name}-{self.language}-{self.theme}.png")
            self.page.screenshot(path=path, full_page=True)

    def picture_on_a_phone(self, name: str) -> None:
        """The same of a narrow window, which is as wide as before afterwards."""
        self.page.set_viewport_size(looking.PHONE)
        self.picture(f"{name}-phone")
        self.page.set_viewport_size(looking.DESK)

    def _note_message(self, message: ConsoleMessage) -> None:
        expected = any(name in f"{message.text} {message.location}" for name in EXPECTED)
        if message.type in {"error", "warning"} and not expected:
            self.problems.append(f"{self.page.url}: {message.text}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.url}: status {response.status}")
