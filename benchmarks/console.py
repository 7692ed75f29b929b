"""The pages of the console, with ten thousand requests and with a million: time in the server, and queries.

As a script it asks for each page in its own process, on the database of its environment, and prints what that took.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from benchmarks.measures import Figure
from config.tests.e2e.installation import PROJECT, USERNAME, Installation
from providers.tests.stubs import VendorStub

if TYPE_CHECKING:
    from django.test import Client

FEW, MANY = 10_000, 1_000_000
#: What no page may take with so many requests, in milliseconds.
LIMIT = 300
#: Each page is asked for once, which doesn't count, and then so often.
TIMES = 5
REQUESTS = "/admin/prompts/promptrequest/"


def console(installation: Installation, vendor: VendorStub) -> list[Figure]:
    """Every page that grows with the requests: milliseconds with a million. Floor: with ten thousand."""
    installation.manage("collectstatic", "--no-input", "--verbosity=0")
    took = {number: _loaded(installation, number) for number in (FEW, MANY)}
    return [_figure(name, took[FEW][name], took[MANY][name]) for name in took[MANY]]


def _figure(name: str, few: dict[str, float], many: dict[str, float]) -> Figure:
    queries = f"{few['queries']:.0f} and {many['queries']:.0f} queries; at first {many['first']:.0f} ms"
    slow = f"; over {LIMIT} ms" if many["median"] > LIMIT else ""
    return Figure(f"console {name}", many["median"], "ms", few["median"], queries + slow)


def _loaded(installation: Installation, number: int) -> dict[str, dict[str, float]]:
    """What the pages take with so many requests in all."""
    ((had,),) = installation.sql("SELECT count(*) FROM prompt_requests")
    installation.manage("load_demo_data", "--requests", str(number - had), "--seed", str(number))
    script = subprocess.run(
        [sys.executable, "-m", "benchmarks.console", USERNAME],
        cwd=PROJECT,
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert script.returncode == 0, script.stderr
    took: dict[str, dict[str, float]] = json.loads(script.stdout)
    return took


# --- In a process of its own ------------------------------------------------------------------------


def measure(username: str) -> dict[str, dict[str, float]]:
    """By page: the first time and the median of the others in milliseconds, and the queries of the last."""
    client = _signed_in(username)
    client.get("/admin/password_change/")
    return {name: _page(client, address) for name, address in pages()}


def _signed_in(username: str) -> Client:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"Host": "localhost"})
    user = get_user_model()._default_manager.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _page(client: Client, address: str) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first, *others = [_milliseconds(client, address) for _ in range(TIMES + 1)]
    with CaptureQueriesContext(connection) as queries:
        _milliseconds(client, address)
    return {"first": first, "median": median(others), "queries": len(queries)}


def _milliseconds(client: Client, address: str) -> float:
    started = time.perf_counter()
    answer = client.get(address)
    took = (time.perf_counter() - started) * 1000
    assert answer.status_code == 200, (address, answer.status_code)
    return took


def pages() -> Iterator[tuple[str, str]]:
    """Names and addresses of all that could grow with the requests."""
    from prompts.models import PromptRequest, PromptVersion

    completed = PromptRequest.objects.filter(status="completed").order_by("-created_at")[10]
    version = PromptVersion.objects.get(requests=completed)
    yield from HOME
    yield from ((f"requests, {name}", f"{REQUESTS}?{urlencode(query)}") for name, query in _filters(completed))
    yield from ((f"search, {name}", f"{REQUESTS}?{urlencode({'q': words})}") for name, words in WORDS)
    yield "request", f"{REQUESTS}{completed.pk}/change/"
    yield "replay", f"{REQUESTS}{completed.pk}/replay/"
    yield "responses", "/admin/prompts/promptresponse/"
    yield "types", "/admin/prompts/prompttype/"
    yield "type", f"/admin/prompts/prompttype/{version.prompt_type.pk}/change/"
    yield "workbench", f"/admin/prompts/prompttype/{version.prompt_type.pk}/workbench/"
    yield "versions", "/admin/prompts/promptversion/"
    yield "version", f"/admin/prompts/promptversion/{version.pk}/change/"
    yield "audit log", "/admin/audit/auditentry/"
    yield "users", "/admin/system/user/"
    yield "batches", "/admin/documents/batch/"
    yield "documents", "/admin/documents/document/"


HOME = (
    ("home, 24 h", "/admin/"),
    ("home, 7 d", "/admin/?window=7d"),
    ("home, 30 d", "/admin/?window=30d"),
    ("operations", "/admin/operations/"),
    ("operations, 7 d", "/admin/operations/?window=7d&error_class=timeout"),
)
#: Words that few, many, all and no requests hold, of three languages.
WORDS = (
    ("rare", "INV-2026-123456"),
    ("common", "warranty"),
    ("two", "warranty pumps"),
    ("in all", "INV"),
    ("answers", "THB"),
    ("none", "nowhere"),
    ("Thai", "ปั๊ม"),
    ("Arabic", "الضمان"),
    ("short id", "00000000"),
)


def _filters(row: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Filters that pick nearly all, few and none of the rows."""
    yield "all", {}
    yield "page 100", {"p": 100}
    yield from ((status, {"status__exact": status}) for status in ("completed", "failed", "cancelled", "pending"))
    yield "type", {"prompt_type__slug__exact": row.prompt_type_id}
    yield "model", {"model": row.model}
    yield "model, failed", {"model": row.model, "status__exact": "failed"}
    yield "version", {"version": row.version_id}
    yield "user", {"user__exact": row.user_id}
    yield "user, failed", {"user__exact": row.user_id, "status__exact": "failed"}
    yield "class", {"error_class": "connection"}
    yield "class, model", {"error_class": "connection", "model": row.model}
    yield "sandbox", {"is_sandbox__exact": 1}
    yield "simulated", {"simulated__exact": 1}
    yield "real", {"simulated__exact": 0}
    yield "a day", {"created_at__gte": row.created_at.date().isoformat()}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(measure(sys.argv[1])))
