"""What probes and Prometheus ask: is the process alive, is it ready, what has been done."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from functools import cache, wraps
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from config import problems
from config.celery import app
from config.metrics import exposition
from config.migrating import pending
from config.problems import Problem
from documents import storage
from documents.services.health import reading_queue
from prompts.services.health import oldest_claimable_seconds

logger = logging.getLogger(__name__)

BROKER_TIMEOUT_SECONDS = 2


class NotReady(Exception):
    """Why requests can't be served, in words that hold no address and no secret."""


def only_get(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer any other method with 405 in the one error shape."""

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        refusal = Problem(405, _("This can't be done here."), headers={"Allow": "GET, HEAD"})
        return problems.respond(request, refusal)

    return checked


@never_cache
@only_get
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers at all; asks nobody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@only_get
def readyz(request: HttpRequest) -> HttpResponse:
    """200 with every check, or 503 when one of them says why not."""
    checks = {
        "database": check_database,
        "broker": check_broker,
        "migrations": check_migrations,
        "queue": check_queue,
        "media": check_media,
        "documents": check_documents,
    }
    report = {name: _outcome(name, check) for name, check in checks.items()}
    if all(outcome["ok"] for outcome in report.values()):
        return JsonResponse({"status": "ready", "checks": report})
    return JsonResponse({"status": "not ready", "checks": report}, status=503)


def _outcome(name: str, check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"ok": True} | check()
    except NotReady as error:
        return {"ok": False, "reason": str(error)}
    except DatabaseError as error:
        logger.warning("Check %s: %s", name, str(error).strip())
        return {"ok": False, "reason": "The database can't be asked."}


def check_database() -> dict[str, Any]:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


def check_broker() -> dict[str, Any]:
    """A connection to the broker. Raises NotReady."""
    try:
        with app.connection_for_write(connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    except Exception as error:
        logger.warning("The broker can't be reached: %s", error)
        raise NotReady("The broker can't be reached; requests still run, with up to a second of delay.") from error
    return {}


def check_migrations() -> dict[str, Any]:
    """Whether the tables are what this code expects. Raises NotReady."""
    if written_migrations() <= MigrationRecorder(connection).applied_migrations().keys():
        return {}
    # One that is missing by name may stand for others that are applied (`replaces`): only Django's graph knows.
    if missing := pending(connection):
        raise NotReady(f"{missing} migrations are not applied; run manage.py migrate.")
    return {}


@cache
def written_migrations() -> frozenset[tuple[str, str]]:
    """App and name of each migration of this code. Not imported: what they load would stay, 2 MB in each process."""
    return frozenset((each.label, name) for each in apps.get_app_configs() for name in _migrations_of(each.label))


def _migrations_of(label: str) -> list[str]:
    """The names that Django's MigrationLoader would load."""
    place, _is_set = MigrationLoader.migrations_module(label)
    found = find_spec(place) if place else None
    paths = found.submodule_search_locations if found else None
    return [one.name for one in iter_modules(paths or []) if not one.ispkg and one.name[0] not in "_~"]


def check_queue() -> dict[str, Any]:
    """The age of the oldest request that waits for a worker. Raises NotReady when it is too old."""
    seconds = round(oldest_claimable_seconds(), 3)
    if seconds > settings.READY_MAX_QUEUE_SECONDS:
        raise NotReady(f"A request has been waiting for a worker for {seconds:.0f} seconds.")
    return {"oldest_claimable_seconds": seconds}


def check_media() -> dict[str, Any]:
    """Whether documents can be stored. Raises NotReady."""
    if not storage.is_writable():
        raise NotReady("The folder of the documents (MEDIA_ROOT) can't be written.")
    return {}


def check_documents() -> dict[str, Any]:
    """How many documents wait to be read. Raises NotReady when nobody reads them; a long queue alone is no fault."""
    queue = reading_queue()
    if queue.stands_still(settings.READY_MAX_QUEUE_SECONDS):
        raise NotReady(f"A document has been waiting for a reader for {queue.oldest_seconds:.0f} seconds.")
    return {"waiting": queue.waiting, "oldest_unread_seconds": round(queue.oldest_seconds, 3)}


@never_cache
@only_get
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; with METRICS_TOKEN set only for its bearer."""
    if settings.METRICS_TOKEN and not _has_metrics_token(request):
        problem = Problem(401, _("The token of METRICS_TOKEN is needed."), headers={"WWW-Authenticate": "Bearer"})
        return problems.respond(request, problem)
    content, content_type = exposition()
    return HttpResponse(content, content_type=content_type)


def _has_metrics_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
