"""The main places of the console, and the order of its models: by use, not by the alphabet."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from prompts import powers

#: Apps and their models as lists show them. What is not named here comes last.
ORDER = (
    *("prompts", "prompts.prompttype", "prompts.promptversion", "prompts.promptrequest", "prompts.promptresponse"),
    *("documents", "documents.batch", "documents.document", "documents.labelledset"),
    *("audit", "audit.auditentry"),
    *("system", "system.apitoken", "system.user"),
    *("auth", "auth.group"),
)
#: What leads to a place, and the models whose pages belong to it. The first one is the one that opens.
PLACES: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Workbench"), ("prompts.prompttype", "prompts.promptversion")),
    (_("Requests"), ("prompts.promptrequest", "prompts.promptresponse")),
    (_("Batches"), ("documents.batch", "documents.document", "documents.labelledset")),
    (_("Audit"), ("audit.auditentry",)),
)

Apps = list[dict[str, Any]]


class Place(NamedTuple):
    """A link of the header."""

    label: Promise | str
    url: str
    is_current: bool


def in_order(app_list: Apps) -> Apps:
    """Django's list of apps and models, the most used first."""
    for app in app_list:
        app["models"].sort(key=lambda model: _rank(_name(app, model)))
    return sorted(app_list, key=lambda app: _rank(app["app_label"]))


def main_places(request: HttpRequest, app_list: Apps) -> list[Place]:
    """Home, and the places that are open to the one who asks. `app_list` says which models are."""
    home = reverse("admin:index")
    urls = _open_urls(app_list)
    offered = ((label, [urls[name] for name in models if name in urls]) for label, models in PLACES)
    found = [Place(label, own[0], request.path.startswith(tuple(own))) for label, own in offered if own]
    return [Place(_("Home"), home, request.path == home), *found, *_operations(request)]


def other_places(request: HttpRequest, app_list: Apps) -> list[Place]:
    """The lists that no main place opens, under the names that the sidebar has."""
    shown = {place.url for place in main_places(request, app_list)}
    models = [model for app in app_list for model in app["models"] if model.get("admin_url")]
    places = [Place(model["name"], model["admin_url"], request.path == model["admin_url"]) for model in models]
    return [place for place in places if place.url not in shown]


def token_place(request: HttpRequest, app_list: Apps) -> Place | None:
    """Where people manage their own API tokens."""
    url = _open_urls(app_list).get("system.apitoken")
    return Place(_("My API tokens"), url, request.path.startswith(url)) if url else None


def _operations(request: HttpRequest) -> list[Place]:
    if not powers.manages_all(request.user):
        return []
    url = reverse("admin:operations")
    return [Place(_("Operations"), url, request.path.startswith(url))]


def _open_urls(app_list: Apps) -> dict[str, str]:
    """The lists that may be looked at, by `app.model`."""
    models = ((app, model) for app in app_list for model in app["models"])
    return {_name(app, model): model["admin_url"] for app, model in models if model.get("admin_url")}


def _name(app: dict[str, Any], model: dict[str, Any]) -> str:
    return f"{app['app_label']}.{model['object_name'].lower()}"


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
