"""docs/flow.md tells the truth: the services are driven through its diagram and its table."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from prompts import retry
from prompts.exceptions import Conflict
from prompts.models import PromptRequest
from prompts.models.prompt_request import FINISHED, Status
from prompts.services import awaited, execution, recording, recovery, submission
from prompts.services.execution import Claim
from prompts.tests.factories import completed, failed, let_lease_run_out, make_request, make_user
from providers.exceptions import RETRYABLE, ErrorClass

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "flow.md").read_text("utf-8")
STEP = re.compile(r"^    (\S+) --> (\S+)(?: : (\w+))?$", re.MULTILINE)
CLASS_ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| (yes|no) \|$", re.MULTILINE)

DRAWN = {(before, after, step) for before, after, step in STEP.findall(PAGE) if step}
MOVES = {move for move in DRAWN if move[0] != "[*]"}


def claim_of(request: PromptRequest) -> Claim:
    """A claim with the row's present token, as if it had just been made."""
    return Claim(
        request_id=request.id,
        token=request.lease_token,
        attempt=request.attempt_count,
        model=request.model,
        prompt_type=request.prompt_type_id,
        prompt_text=request.prompt_text,
        parameters=request.parameters,
    )


def sweep_after_the_lease(request: PromptRequest) -> None:
    if request.status == Status.GENERATING:
        let_lease_run_out(request)
    recovery.sweep()


def cancel(request: PromptRequest) -> None:
    with suppress(Conflict):
        submission.cancel(request.id)


# What each step does in all its variants, applied without asking whether it makes sense.
STEPS: dict[str, list[Callable[[PromptRequest], object]]] = {
    "claim": [lambda request: execution.claim(10, worker="w1")],
    "record": [
        lambda request: recording.record([completed(claim_of(request))]),
        lambda request: recording.record([failed(claim_of(request), "overloaded")]),
        lambda request: recording.record([failed(claim_of(request), "auth")]),
    ],
    "sweep": [sweep_after_the_lease],
    "release": [lambda request: recovery.release([claim_of(request)])],
    "cancel": [cancel],
    "refuse": [lambda request: awaited.refuse(request.id, "unreadable_document", "It is encrypted.")],
}


def request_that_is(status: str, *, awaits_text: bool = False) -> PromptRequest:
    """A request brought to `status` the way it gets there in life."""
    request = make_request(next_attempt_at=timezone.now() - timedelta(hours=1), awaits_text=awaits_text)
    if status in {"generating", "completed", "failed"}:
        claim = next(claim for claim in execution.claim(10, worker="w0") if claim.request_id == request.id)
        if status != "generating":
            recording.record([completed(claim) if status == "completed" else failed(claim, "auth")])
    elif status == "cancelled":
        submission.cancel(request.id)
    request.refresh_from_db()
    assert request.status == status
    return request


def moves_of(status: str, step: str) -> set[tuple[str, str, str]]:
    """Every change of status that `step` makes of a request in `status`."""
    moves = set()
    for act in STEPS[step]:
        request = request_that_is(status, awaits_text=(status, step) == ("pending", "refuse"))
        act(request)
        request.refresh_from_db()
        if request.status != status:
            moves.add((status, str(request.status), step))
    return moves


def test_the_diagram_names_every_status_and_no_other() -> None:
    assert {state for before, after, _ in STEP.findall(PAGE) for state in (before, after)} == {"[*]", *Status.values}


def test_the_diagram_ends_in_the_final_statuses() -> None:
    assert {before for before, after, _ in STEP.findall(PAGE) if after == "[*]"} == set(FINISHED)


@pytest.mark.django_db
def test_a_request_begins_as_the_diagram_says() -> None:
    request = submission.submit(user=make_user(), prompt_type="text", prompt_text="Hi.", model="simulator/default")
    assert {("[*]", str(request.status), "submit")} == DRAWN - MOVES


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("max_attempts", [1, 8])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_makes_no_move_that_is_not_drawn(
    settings: LazySettings, status: str, max_attempts: int, step: str
) -> None:
    settings.REQUEST_MAX_ATTEMPTS = max_attempts
    assert moves_of(status, step) <= MOVES


@pytest.mark.django_db
@pytest.mark.parametrize("step", STEPS)
def test_a_step_makes_every_move_that_is_drawn(settings: LazySettings, step: str) -> None:
    made: set[tuple[str, str, str]] = set()
    for max_attempts in (1, 8):
        settings.REQUEST_MAX_ATTEMPTS = max_attempts
        made |= moves_of("pending", step) | moves_of("generating", step)
    assert made == {move for move in MOVES if move[2] == step}


def test_every_step_of_the_diagram_is_explained() -> None:
    explained = set(re.findall(r"^\| (\w+) \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)) - {"step"}
    assert explained == {step for _, _, step in DRAWN}


def retries_in_words(error_class: ErrorClass) -> str:
    if error_class not in RETRYABLE:
        return "no"
    limit = retry.RETRIES.get(error_class)
    return f"{limit} times" if limit else "until the attempts are used up"


def test_the_table_of_error_classes_is_the_policy() -> None:
    assert CLASS_ROW.findall(PAGE) == [
        (str(error_class), retries_in_words(error_class), "yes" if error_class in retry.MAY_BE_BILLED else "no")
        for error_class in ErrorClass
    ]
