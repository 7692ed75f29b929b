"""The pages of the console that could grow with the requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from benchmarks.growth.probing import Probe

if TYPE_CHECKING:
    from django.test import Client

REQUESTS = "/admin/prompts/promptrequest/"
RESPONSES = "/admin/prompts/promptresponse/"
PERSON = "demo.ann"
LONG_AGO = timedelta(days=60)


def console(username: str) -> Iterator[Probe]:
    """Asked for by the owner, who sees all; the list of requests also by somebody who sees their own."""
    client = _signed_in(username)
    for name, address in pages():
        yield Probe(f"console: {name}", partial(_get, client, address), explained="search" not in name)
    with _person():
        person = _signed_in(PERSON)
        yield Probe("console: own responses", partial(_get, person, RESPONSES))
        for name, query in OWN:
            address = f"{REQUESTS}?{urlencode(query)}"
            yield Probe(
                f"console: own requests, {name}", partial(_get, person, address), explained="search" not in name
            )


@contextmanager
def _person() -> Iterator[None]:
    """One of those whom the rows belong to, who are switched off, may look at requests meanwhile."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Permission

    person = get_user_model()._default_manager.filter(username=PERSON)
    looks = Permission.objects.filter(codename__in=("view_promptrequest", "view_promptresponse"))
    person.get().user_permissions.add(*looks)
    person.update(is_active=True, is_staff=True)
    try:
        yield
    finally:
        person.update(is_active=False, is_staff=False)


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
    yield "responses", RESPONSES
    yield "responses, simulated", f"{RESPONSES}?simulated__exact=1"
    yield "responses, real", f"{RESPONSES}?simulated__exact=0"
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
#: Filters of a list that is somebody's own.
OWN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("all", {}),
    ("failed", {"status__exact": "failed"}),
    ("simulated", {"simulated__exact": 1}),
    ("search, common", {"q": "warranty"}),
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
    yield "model, cancelled", {"model": row.model, "status__exact": "cancelled"}
    yield "type, failed", {"prompt_type__slug__exact": row.prompt_type_id, "status__exact": "failed"}
    yield "type, model", {"prompt_type__slug__exact": row.prompt_type_id, "model": row.model}
    yield "version", {"version": row.version_id}
    yield "version, failed", {"version": row.version_id, "status__exact": "failed"}
    yield "user", {"user__exact": row.user_id}
    yield "user, failed", {"user__exact": row.user_id, "status__exact": "failed"}
    yield "user, model", {"user__exact": row.user_id, "model": row.model}
    yield "user, sandbox", {"user__exact": row.user_id, "is_sandbox__exact": 1}
    yield "class", {"error_class": "connection"}
    yield "class, model", {"error_class": "connection", "model": row.model}
    yield "sandbox", {"is_sandbox__exact": 1}
    yield "simulated", {"simulated__exact": 1}
    yield "real", {"simulated__exact": 0}
    yield "not of the sandbox", {"is_sandbox__exact": 0}
    today, long_ago = (time.date().isoformat() for time in (row.created_at, row.created_at - LONG_AGO))
    yield "a day", {"created_at__gte": today}
    yield "a day, failed", {"created_at__gte": today, "status__exact": "failed"}
    yield "long ago", {"created_at__lt": long_ago}
    yield "long ago, user", {"created_at__lt": long_ago, "user__exact": row.user_id}
    yield "oldest first", {"o": "2"}
    yield "nothing", {"model": row.model, "is_sandbox__exact": 1, "error_class": "auth"}
