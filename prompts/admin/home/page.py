"""What the home page shows to who may look at the figures of all requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from prompts import powers
from prompts.admin.home.links import Links
from prompts.admin.home.models import MOST_SHOWN, model_rows
from prompts.admin.home.pictures import Pictures
from prompts.admin.home.prompts import prompt_links
from prompts.admin.home.tiles import Tile, now_tiles, window_tiles
from prompts.services.figures.activations import activations
from prompts.services.figures.ended import ended
from prompts.services.figures.queue import queue
from prompts.services.figures.windows import DEFAULT, Window, window

WINDOW_NAMES: dict[str, Promise | str] = {
    "24h": _("Last 24 hours"),
    "7d": _("Last 7 days"),
    "30d": _("Last 30 days"),
}


def home_context(request: HttpRequest, more_tiles: Sequence[Tile] = ()) -> dict[str, Any]:
    """Everything the template needs; `more_tiles` are those of other apps, beside the ones of the queue.

    It takes five queries beside those of who asks. Figures tell nothing of a single request, so that they are open to
    everybody who reads versions; links lead to lists only for who sees all that was counted.
    """
    chosen = window(request.GET.get("window", DEFAULT), timezone.now())
    sees_all = powers.manages_all(request.user)
    links = Links(chosen, sees_all=sees_all)
    figures = ended(chosen)
    pictures = Pictures(chosen, figures, links)
    return {
        "home": True,
        "windows": _windows(chosen),
        "now_tiles": [*now_tiles(queue(), links, viewer=request.user, sees_all=sees_all), *more_tiles],
        "window_tiles": window_tiles(figures.total, links),
        "charts": [pictures.ends(activations(chosen)), pictures.latency(), pictures.cost(), pictures.errors()],
        "prompts": prompt_links(),
        "models": model_rows(figures, links),
        "models_left_out": max(0, len(figures.models) - MOST_SHOWN),
        "has_links": sees_all,
    }


def _windows(chosen: Window) -> list[dict[str, Any]]:
    return [{"name": name, "label": label, "is_chosen": name == chosen.name} for name, label in WINDOW_NAMES.items()]
