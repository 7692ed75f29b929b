"""A running installation with some history, and a Chromium to look at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from config.tests.browser import looking
from config.tests.browser.watching import Console
from config.tests.e2e.installation import Installation, wait_for

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READER = "reader"
THAI = "ช่วยสรุปรายงานยอดขายไตรมาสที่สามให้สั้นที่สุด"
ARABIC = "لخّص تقرير المبيعات للربع الثالث في ثلاث نقاط."
MIXED = "1. المبيعات ارتفعت بنسبة 12%.\n2. ยอดขายเพิ่มขึ้นร้อยละ 12\n3. Sales rose by 12% (see <b>table 4</b>)."
EXTRACTED = json.dumps(
    {
        "documentNumber": "AC-12",
        "subject": THAI,
        "discipline": None,
        "date": "2026-05-06",
        "confidence": 0.9,
        "category": "letter",
        "tags": ["steel", "เหล็ก"],
        "summary": ARABIC,
    },
    ensure_ascii=False,
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, as Debian packages it. Without one the tests are skipped, unless REQUIRE_BROWSER is set.

    No wider than the package: its event loop runs in this thread, where other tests want one of their own.
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        go_without("No Chromium here: apt-get install chromium fonts-thai-tlwg fonts-noto-core")
    # The usual five seconds are few where everything else that runs here wants the processor, too.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


def go_without(what_is_missing: str) -> NoReturn:
    """Skip the test, or let it fail where REQUIRE_BROWSER is set."""
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(what_is_missing)
    pytest.skip(what_is_missing)


@pytest.fixture
def thai_letters() -> None:
    """A font that has them: the boxes that are drawn instead are wider, and fit nowhere."""
    command = ["fc-list", ":lang=th"]
    if not shutil.which(command[0]) or not subprocess.run(command, capture_output=True, check=True).stdout:
        go_without("No font with Thai letters here: apt-get install fontconfig fonts-thai-tlwg")


@pytest.fixture(scope="session")
def installation(prepared: Path) -> Iterator[Installation]:
    """Web server and worker, with one request of each kind."""
    with tempfile.TemporaryDirectory(prefix="apm-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with Installation(Path(folder), environment={}, database=prepared) as installation:
            installation.manage("collectstatic", "--no-input", "--verbosity=0")
            installation.start_web()
            installation.start_worker()
            installation.sign_in()
            make_history(installation)
            make_versions(installation)
            make_reader(installation)
            yield installation


@pytest.fixture
def filled(installation: Installation) -> Installation:
    """With documents, batches and a labelled set."""
    # Not above: that module needs this one.
    from config.tests.browser.documents import make_documents

    make_documents(installation)
    return installation


def make_history(installation: Installation) -> None:
    """Requests that were answered, retried, refused, deferred and cancelled."""
    scripted = {"model": "simulator/default"}
    ask = installation.ask
    ask(**scripted, prompt_text=ARABIC, purpose="اجتماع مجلس الإدارة", parameters={"simulate": {"text": MIXED}})
    ask(**scripted, prompt_text=THAI, purpose="ประชุมผู้บริหาร", prompt_type="report", metadata={"ทีม": "บัญชี"})
    retried = {"simulate": {"error": "overloaded", "fail_attempts": 2}, "temperature": 0.2}
    ask(**scripted, prompt_text="Try hard.", purpose="A drill", parameters=retried)
    refused = {"simulate": {"error": "auth", "status_code": 401}}
    ask(**scripted, prompt_text="Try in vain.", prompt_type="code", parameters=refused)
    installation.wait_until_finished(60)
    deferred = ask(**scripted, prompt_text="Later.", run_at="2099-01-01T00:00:00Z").json()
    installation.http.post(f"/api/ai/prompts/{deferred['id']}/cancel/")
    ask(**scripted, prompt_text="Later, really.", run_at="2099-01-01T00:00:00Z")
    sent(installation.http.post("/api/tokens/", json={"name": "Nightly import", "days": 7}))


def make_versions(installation: Installation) -> None:
    """Versions in several languages: tested with and without an answer, used, annotated and deleted."""
    http = installation.http
    extraction = "/api/ai/prompts/ocr_extraction"
    first = http.get(f"{extraction}/1").json()["data"]
    template = first["template"].replace("Never invent one", "Do not invent any").replace("up to ten", "up to five")
    answered = {"temperature": 0.2, "simulate": {"text": EXTRACTED}}
    draft = {"template": template, "fieldSchema": first["fieldSchema"], "model": "simulator/default"}
    sent(http.post(extraction, json=draft | {"parameters": answered, "manualNote": "Fewer tags. ลดจำนวนแท็ก"}))
    sent(http.post(f"{extraction}/2/sandbox", json={"text": THAI}))
    text = "/api/ai/prompts/text"
    sent(http.post(text, json={"template": "Say {{input}} twice."}))
    sent(
        http.post("/api/ai/prompts/", json={"prompt_type": "text", "version_number": 2, "variables": {"input": "hey"}})
    )
    sent(http.delete(f"{text}/2"))
    refused = {"simulate": {"error": "auth", "status_code": 401}}
    foreign = f"{THAI}\n{{{{input}}}}\n{ARABIC} {{{{language}}}}\n"
    sent(http.post(text, json={"template": foreign, "parameters": refused, "manualNote": ARABIC}))
    sent(http.post(f"{text}/3/sandbox", json={"variables": {"input": THAI, "language": "ไทย"}}))
    # Not all: one request is deferred for a lifetime.
    tested = "SELECT count(*) FROM prompt_versions WHERE last_tested_at IS NOT NULL"
    wait_for(lambda: installation.sql(tested) == [(2,)], 60, "the tests of the versions")


def make_reader(installation: Installation) -> None:
    """Somebody else with the owner's password and powers, whose language may be changed."""
    columns = "password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined"
    installation.sql(f"INSERT INTO users (username, {columns}) SELECT %s, {columns} FROM users", READER)


def sent(answer: httpx2.Response) -> None:
    """What was sent must have been accepted."""
    assert answer.is_success, answer.text


@pytest.fixture
def console(browser: Browser, installation: Installation) -> Iterator[Any]:
    """Opens a signed-in console in a language and a theme; at the end nothing may have been blocked or broken."""
    opened: list[Console] = []

    def open_console(language: str = "en", theme: str = "light") -> Console:
        context: Any = browser.new_context(
            locale=language,
            color_scheme=theme,  # type: ignore[arg-type]
            base_url=str(installation.http.base_url),
            viewport=looking.DESK,
        )
        opened.append(Console(context, language, theme))
        return opened[-1]

    yield open_console
    for console in opened:
        console.context.close()
    assert "\n".join(problem for console in opened for problem in console.problems) == ""


@pytest.fixture
def page(console: Callable[[], Any]) -> Page:
    """The console in English, signed in."""
    window = console()
    window.sign_in()
    opened: Page = window.page
    return opened
