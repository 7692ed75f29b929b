"""The endpoints of the API that could grow with the requests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.dateparse import parse_datetime

from benchmarks.growth.pages import WORDS
from benchmarks.growth.probing import Probe

if TYPE_CHECKING:
    from django.test import Client

REQUESTS = "/api/ai/prompts/"


def api(username: str, password: str) -> Iterator[Probe]:
    """Asked for by the owner with a token."""
    client = _with_token(username, password)
    get = partial(_get, client)
    for name, query in _lists(client):
        yield Probe(
            f"API: list, {name}", partial(get, f"{REQUESTS}?{urlencode(query)}"), explained="search" not in name
        )
    own = client.get(REQUESTS, {"status": "completed"}).json()
    newest, prompt_type = own["results"][0]["id"], own["results"][0]["prompt_type"]
    yield Probe("API: list, second page", partial(get, own["next"]))
    yield Probe("API: detail", partial(get, f"{REQUESTS}{newest}"))
    yield Probe("API: versions", partial(get, f"{REQUESTS}{prompt_type}"))
    yield Probe("API: active version", partial(get, f"{REQUESTS}{prompt_type}/active"))
    yield Probe("API: types", partial(get, "/api/ai/prompt-types/"))
    yield Probe("metrics", partial(get, "/metrics"))
    yield Probe("readyz", partial(get, "/readyz"))


def _lists(client: Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each filter, of the own list and of everybody's."""
    one = client.get(REQUESTS, {"status": "completed"}).json()["results"][0]
    old = client.get("/api/ai/prompts/", {"created_before": one["created_at"]}).json()["results"][-1]["created_at"]
    filters: dict[str, dict[str, Any]] = {"no filter": {}}
    filters |= {status: {"status": status} for status in ("completed", "failed", "cancelled", "pending", "generating")}
    filters |= {
        "type": {"prompt_type": one["prompt_type"]},
        "model": {"model": one["model"]},
        "model, failed": {"model": one["model"], "status": "failed"},
        "after": {"created_after": one["created_at"]},
        "before": {"created_before": old},
        "long ago": {"created_before": _long_ago(one["created_at"])},
    }
    for name, query in filters.items():
        yield f"own, {name}", query
        yield f"all, {name}", query | {"scope": "all"}
    yield "user", {"user": "demo.ann"}
    yield "user, failed", {"user": "demo.ann", "status": "failed"}
    for name, words in WORDS:
        yield f"own, search, {name}", {"search": words}
        yield f"all, search, {name}", {"search": words, "scope": "all"}


def _long_ago(moment: str) -> str:
    from datetime import timedelta

    parsed = parse_datetime(moment)
    assert parsed is not None
    return (parsed - timedelta(days=60)).isoformat().replace("+00:00", "Z")


def _with_token(username: str, password: str) -> Client:
    from django.test import Client

    client = Client(headers={"Host": "localhost"})
    answer = client.post("/api/token/", {"username": username, "password": password}, "application/json")
    assert answer.status_code == 200, answer.content
    return Client(headers={"Host": "localhost", "Authorization": f"Bearer {answer.json()['access']}"})


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code, answer.content[:500])
