"""Keys and passwords of an installation turn up nowhere: not in rows, not in logs, not in answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.tests.e2e.installation import PASSWORD, Installation
from providers.tests.stubs import Reply, VendorStub

pytestmark = pytest.mark.serial

CANARIES = {
    "OPENAI_API_KEY": "sk-canary-7f3a91c2d4e85b60",
    "SECRET_KEY": "canary-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz",
    "JWT_SIGNING_KEY": "canary-signing-key-9876543210-zyxwvutsrqponmlkjihgfedcba",
    "METRICS_TOKEN": "canary-metrics-token",
}
NEVER_SHOWN = {**CANARIES, "password": PASSWORD}
KEY = CANARIES["OPENAI_API_KEY"]
# A vendor that repeats the key in every way that errors come in.
INDISCREET = {
    "refusing": Reply(status=401, body={"error": {"message": f"Incorrect API key provided: {KEY}.", "code": KEY}}),
    "faulty": Reply(status=400, body=f"<html>Authorization: Bearer {KEY}</html>", content_type="text/html"),
    "talkative": Reply(status=404, headers={"x-request-id": KEY}, body={"error": {"message": KEY * 20}}),
}


@pytest.fixture
def installation(install: Callable[..., Installation], vendor: VendorStub) -> Installation:
    """One in which each of the vendor's answers has been through everything."""
    made = install(database=None, **CANARIES)
    made.start_web()
    made.sign_in()
    made.http.post("/api/token/", json={"username": "owner", "password": f"{PASSWORD}, nearly"})
    for model, reply in INDISCREET.items():
        vendor.script(model, [reply])
        made.ask(model=f"openai/{model}")
    made.start_worker()
    made.wait_until_finished(60)
    return made


def rows_with(installation: Installation, secret: str) -> list[str]:
    """The tables that hold it in any column."""
    tables = installation.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    query = "SELECT 1 FROM {} AS t WHERE strpos(t::text, %s) > 0"
    return [table for (table,) in tables if installation.sql(query.format(table), secret)]


def pages_with(installation: Installation, secret: str) -> list[str]:
    """The answers of the API that hold it."""
    requests = installation.http.get("/api/ai/prompts/").json()["results"]
    paths = ["/api/ai/prompts/", "/api/ai/models", "/api/schema/", "/readyz", "/metrics", "/api/ai/nothing"]
    paths += [f"/api/ai/prompts/{request['id']}" for request in requests]
    return [path for path in paths if secret in installation.http.get(path).text]


def logs_with(installation: Installation, secret: str) -> list[str]:
    """The log files of processes and servers that hold it."""
    return [file.name for file in installation.folder.rglob("*.log") if secret in file.read_text(errors="replace")]


def test_no_secret_turns_up_anywhere(installation: Installation, vendor: VendorStub) -> None:
    assert {call.headers["authorization"] for call in vendor.calls} == {f"Bearer {KEY}"}
    assert installation.statuses() == {"failed": len(INDISCREET)}
    assert {"prompt_requests", "prompt_attempts"} == set(rows_with(installation, "[redacted]"))
    assert pages_with(installation, "[redacted]")
    assert logs_with(installation, "Engine w1@test")
    search = (rows_with, pages_with, logs_with)
    found = {
        (name, place) for name, secret in NEVER_SHOWN.items() for find in search for place in find(installation, secret)
    }
    assert found == set()
