"""The charts of the home page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.admin.charts import Axis, Mark, Point, Series, bars, lines
from prompts.admin.home import words
from prompts.admin.home.links import Links
from prompts.models.prompt_request import Status
from prompts.services.figures.activations import Activation
from prompts.services.figures.ended import Ended, Tally
from prompts.services.figures.windows import Window

#: More lines in one picture could not be told apart.
MODELS_IN_LATENCY = 3
MODELS_IN_COST = 5
MOST_CLASSES = 8


class Pictures:
    """Draws what ended within a window."""

    def __init__(self, window: Window, ended: Ended, links: Links) -> None:
        self._window = window
        self._ended = ended
        self._links = links
        self._labels = words.labels(window)
        self._heading = _("Hour") if window.is_hourly else _("Day")

    def ends(self, activations: Sequence[Activation]) -> SafeString:
        """Completed and failed requests over time, with the activations that may explain a change."""
        done = self._counts(lambda tally: tally.completed, Status.COMPLETED)
        failed = self._counts(lambda tally: tally.failed, Status.FAILED)
        return bars(
            _("Completed and failed per hour") if self._window.is_hourly else _("Completed and failed per day"),
            [Series(_("Completed"), done, "good"), Series(_("Failed"), failed, "bad")],
            self._labels,
            heading=self._heading,
            axis=Axis(whole=True),
            stacked=True,
            marks=[self._mark(activation) for activation in activations],
        )

    def latency(self) -> SafeString:
        """Median and 95th percentile of the most used models."""
        shown = [model for model in self._ended.models if self._ended.by_model[model].completed][:MODELS_IN_LATENCY]
        series = [line for number, model in enumerate(shown, 1) for line in self._latency_of(model, str(number))]
        return lines(
            _("Latency by model"),
            series,
            self._labels,
            heading=self._heading,
            axis=Axis(words.milliseconds),
            note=_("Estimated from counts by ranges of duration. The most used models are shown; the table has more."),
        )

    def cost(self) -> SafeString:
        """Cost over time, by model."""
        costly = sorted(self._ended.models, key=lambda name: -self._ended.by_model[name].cost)
        costly = [model for model in costly if self._ended.by_model[model].cost]
        series = [
            Series(model, self._costs([model]), str(number)) for number, model in enumerate(costly[:MODELS_IN_COST], 1)
        ]
        if rest := costly[MODELS_IN_COST:]:
            series.append(Series(_("Other models"), self._costs(rest), "quiet"))
        title = _("Cost per hour (USD)") if self._window.is_hourly else _("Cost per day (USD)")
        return bars(title, series, self._labels, heading=self._heading, axis=Axis(words.dollars), stacked=True)

    def errors(self) -> SafeString:
        """Why requests failed, the most frequent reasons first."""
        frequent = self._ended.total.failed_by_class.most_common(MOST_CLASSES)
        points = [Point(number, href=self._failures(name)) for name, number in frequent]
        return bars(
            _("Failed by error class"),
            [Series(_("Failed"), points, "bad")],
            [name for name, _number in frequent],
            heading=_("Error class"),
            axis=Axis(whole=True),
            horizontal=True,
        )

    def _counts(self, number: Callable[[Tally], int], status: str) -> list[Point]:
        def href(position: int) -> str:
            return self._links.bucket(position, status=status)

        return self._points([number(tally) for tally in self._ended.by_bucket], words.count, href)

    def _latency_of(self, model: str, tone: str) -> list[Series]:
        def points(duration: Callable[[Tally], int | None]) -> list[Point]:
            tallies = self._ended.by_model_and_bucket[model]
            return self._points([duration(tally) for tally in tallies], words.milliseconds, partial(self._asked, model))

        slow, median = _("%(model)s, 95 %% within"), _("%(model)s, half within")
        name = display.isolated(model)
        return [
            Series(slow % {"model": name}, points(lambda tally: tally.slow_ms), tone),
            Series(median % {"model": name}, points(lambda tally: tally.median_ms), tone, dashed=True),
        ]

    def _costs(self, models: Sequence[str]) -> list[Point]:
        both = self._ended.by_model_and_bucket
        columns = zip(*(both[model] for model in models), strict=True)
        sums = [sum((tally.cost for tally in column), Decimal(0)) for column in columns]
        only = models[0] if len(models) == 1 else ""
        return self._points(sums, words.dollars, partial(self._asked, only))

    def _points(self, values: Sequence[Any], text: Callable[[Any], str], href: Callable[[int], str]) -> list[Point]:
        """A point a bucket. What is nothing leads nowhere."""
        return [Point(value, text(value), href(position) if value else "") for position, value in enumerate(values)]

    def _asked(self, model: str, position: int) -> str:
        return self._links.bucket(position, model=model)

    def _failures(self, error_class: str) -> str:
        return self._links.ended(status=Status.FAILED, error_class=error_class)

    def _mark(self, activation: Activation) -> Mark:
        position = self._window.position(activation.at)
        text = _("%(version)s activated (%(when)s)") % {"version": activation.name, "when": words.moment(activation.at)}
        return Mark(position, text, reverse("admin:prompts_promptversion_change", args=[activation.version]))
