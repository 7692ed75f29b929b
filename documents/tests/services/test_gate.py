"""The gate of accuracy."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import AuditEntry
from documents.models import AccuracyGate, LabelledDocument, LabelledSet
from documents.services import gate
from documents.tests.gating import activate, active_number, demand, details, refused
from documents.tests.measuring import make_set, measured
from prompts.exceptions import InvalidInput, NotFound
from prompts.models import PromptType, PromptVersion
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db


# --- What it is for -------------------------------------------------------------------------------------------


def test_a_worse_version_can_not_be_activated_and_a_better_one_can() -> None:
    labelled_set = make_set(4)
    demand(labelled_set)
    worse, better = measured(labelled_set, 2).version, measured(labelled_set, 3).version
    refused(worse)
    assert activate(better).changed
    assert active_number() == better.version_number


def test_the_refusal_says_how_much_was_right_of_how_many_how_sure_that_is_and_what_is_required() -> None:
    labelled_set = make_set(4)
    demand(labelled_set, "0.9")
    version = measured(labelled_set, 3).version
    assert refused(version) == (
        f"{version} got 3 of 4 values in 4 documents of receipts r1 right: 75 % (95 % interval: 30.06 to 95.44 %); "
        "90 % is required."
    )


def test_a_version_that_was_not_measured_can_not_be_activated() -> None:
    demand(make_set(2), "0")
    version = make_version("Read {{input}}")
    assert "was not measured on receipts r1 with simulator/default yet" in refused(version)


def test_a_threshold_of_nothing_still_wants_a_measurement() -> None:
    labelled_set = make_set(2)
    demand(labelled_set, "0")
    assert activate(measured(labelled_set, 0).version).changed


def test_a_type_without_a_gate_demands_nothing() -> None:
    assert activate(make_version("Read {{input}}")).changed


def test_the_gate_of_one_type_is_not_that_of_another() -> None:
    demand(make_set(2), slug="ocr_extraction")
    assert activate(make_version("Read {{input}}")).changed


def test_the_active_version_stays_when_a_gate_is_set() -> None:
    demand(make_set(2))
    assert active_number() == 1
    assert activate(PromptVersion.objects.get(prompt_type__slug="text", version_number=1)).changed is False


def test_going_back_is_also_an_activation() -> None:
    labelled_set = make_set(2)
    activate(make_version("Read {{input}}"))
    demand(labelled_set)
    refused(PromptVersion.objects.get(prompt_type__slug="text", version_number=1))


def test_exactly_the_threshold_is_enough() -> None:
    labelled_set = make_set(3)
    demand(labelled_set, "0.667")
    refused(measured(labelled_set, 2).version)
    demand(labelled_set, "0.666")
    assert activate(measured(labelled_set, 2).version).changed


# --- Opening it with a reason -----------------------------------------------------------------------------------


def test_a_reason_opens_it_and_both_are_audited() -> None:
    labelled_set = make_set(4)
    demand(labelled_set, "0.9")
    counted = measured(labelled_set, 3)
    assert activate(counted.version, "The old one leaks names.").changed
    told = details("prompt_version.gate_bypassed")
    assert told["reason"] == "The old one leaks names."
    assert told["gates"] == [
        {
            "gate": "accuracy",
            "prompt_type": "text",
            "labelled_set": "receipts r1",
            "content_sha256": labelled_set.content_sha256,
            "threshold": "0.900",
            "model": "simulator/default",
            "run": str(counted.pk),
            "correct": 3,
            "total": 4,
            "low": "0.3006",
            "high": "0.9544",
        }
    ]


def test_a_reason_that_is_not_needed_is_not_told_as_a_bypass() -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    activate(measured(labelled_set, 2).version, "Just in case.")
    assert not AuditEntry.objects.filter(action="prompt_version.gate_bypassed").exists()


def test_a_reason_opens_review_and_gate_at_once_and_the_log_tells_of_both() -> None:
    demand(make_set(1))
    PromptType.objects.filter(slug="text").update(requires_review=True)
    author = make_user()
    activate(make_version("Read {{input}}", author=author), "Night shift", actor=author)
    assert details("prompt_version.review_and_gate_bypassed")["gates"][0]["run"] is None


# --- Setting and clearing -----------------------------------------------------------------------------------------


def test_setting_and_clearing_are_audited_with_what_was_and_is_demanded() -> None:
    first, user = make_set(1), make_user()
    demand(first, "0.5")
    second = make_set(2)
    demand(second, "0.905")
    gate.clear_gate("text", actor=user)
    told = [
        json.loads(entry.content)["details"] for entry in AuditEntry.objects.filter(action="gate.set").order_by("at")
    ]
    assert [(each["labelled_set"], each["threshold"]) for each in told] == [
        ("receipts r1", "0.500"),
        ("receipts r2", "0.905"),
    ]
    assert (told[0]["previous"], told[1]["previous"]["content_sha256"]) == (None, first.content_sha256)
    assert details("gate.cleared")["labelled_set"] == "receipts r2"
    assert activate(make_version("Read {{input}}")).changed


@pytest.mark.parametrize("threshold", ["-0.001", "1.001", "0.0005", "NaN", "Infinity"])
def test_what_is_no_share_is_no_threshold(threshold: str) -> None:
    with pytest.raises(InvalidInput) as error:
        demand(make_set(1), threshold)
    assert (list(error.value.errors), AccuracyGate.objects.count()) == (["threshold"], 0)


@pytest.mark.parametrize("slug", ["missing", "a\x00b", ""])
def test_a_type_that_is_not_there_gets_no_gate(slug: str) -> None:
    labelled_set = make_set(1)
    for call in (
        lambda: demand(labelled_set, slug=slug),
        lambda: gate.clear_gate(slug, actor=make_user()),
        lambda: gate.get_gate(slug),
    ):
        with pytest.raises(NotFound):
            call()


def test_where_there_is_no_gate_there_is_none_to_clear() -> None:
    with pytest.raises(NotFound):
        gate.clear_gate("text", actor=make_user())


def test_a_set_that_a_gate_names_can_not_be_taken_away() -> None:
    labelled_set = make_set(1)
    demand(labelled_set)
    LabelledDocument.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        LabelledSet.objects.filter(pk=labelled_set.pk)._raw_delete("default")


def test_the_state_of_a_version_before_the_gate_is_told_with_figures() -> None:
    labelled_set = make_set(4)
    version = measured(labelled_set, 3).version
    assert gate.state_of(version) is None
    demand(labelled_set, "0.9")
    state = gate.state_of(version)
    assert state is not None
    assert state.share is not None
    assert (state.is_reached, state.share.correct, state.share.total) == (False, 3, 4)
