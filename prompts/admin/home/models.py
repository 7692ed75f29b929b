"""The table of the models on the home page."""

from __future__ import annotations

from dataclasses import dataclass

from prompts.admin.home import words
from prompts.admin.home.links import Links
from prompts.models.prompt_request import Status
from prompts.services.figures.ended import Ended, Tally

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as text, and where it leads."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """What one model has done within the window."""

    model: str
    cells: list[Cell]


def model_rows(ended: Ended, links: Links) -> list[ModelRow]:
    """A row for each of the most used models."""
    return [ModelRow(model, _cells(model, ended.by_model[model], links)) for model in ended.models[:MOST_SHOWN]]


def _cells(model: str, tally: Tally, links: Links) -> list[Cell]:
    return [
        Cell(words.count(tally.completed), links.ended(status=Status.COMPLETED, model=model)),
        Cell(words.count(tally.failed), links.ended(status=Status.FAILED, model=model)),
        Cell(words.share(tally.failed_share)),
        Cell(words.milliseconds(tally.median_ms)),
        Cell(words.milliseconds(tally.slow_ms)),
        Cell(words.count(tally.tokens)),
        Cell(words.dollars(tally.cost)),
    ]
