"""The pages of the console that could grow with the requests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from benchmarks.growth.probing import Probe

if TYPE_CHECKING:
    from django.test import Client

REQUESTS = "/admin/prompts/promptrequest/"


def console(username: str) -> Iterator[Probe]:
    """Asked for by the owner, who sees all."""
    client = _signed_in(username)
    for name, address in pages():
        yield Probe(f"console: {name}", partial(_get, client, address), explained="search" not in name)


def _signed_in(username: str) -> Client:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"Host": "localhost"})
    user = get_user_model()._default_manager.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


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
