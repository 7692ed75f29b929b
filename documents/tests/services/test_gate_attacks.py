"""Attempts to get around the gate of accuracy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEntry
from documents.models import AccuracyRun, LabelledDocument
from documents.services import gate, labelling, measuring
from documents.tests.batching import drive_all, make_batch
from documents.tests.factories import make_document
from documents.tests.gating import activate, active_number, demand, refused
from documents.tests.measuring import finish, make_set, measured, reads
from prompts.exceptions import GateClosed, InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.services.importing import import_prompts
from prompts.services.importing_versions import Choices
from prompts.tests.commands.running import refusal
from prompts.tests.commands.running import run as run_command
from prompts.tests.factories import make_user, make_version
from prompts.tests.personas import client_of, make_admin
from prompts.tests.services.test_lifecycle_races import together

pytestmark = pytest.mark.django_db
at_the_same_time = pytest.mark.django_db(transaction=True)


# --- Getting around it ------------------------------------------------------------------------------------------


def test_what_counts_is_the_last_run_and_not_the_best() -> None:
    labelled_set = make_set(4)
    demand(labelled_set)
    version = measured(labelled_set, 4).version
    measured(labelled_set, 1, version)
    assert "got 1 of 4" in refused(version)
    measured(labelled_set, 4, version)
    assert activate(version).changed


def test_a_run_of_another_version_does_not_count() -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    measured(labelled_set, 2)
    refused(make_version("Read {{input}}"))


def test_a_run_on_another_set_does_not_count() -> None:
    demand(make_set(2))
    refused(measured(make_set(2, name="easy"), 2).version)


def test_a_run_on_another_revision_does_not_count() -> None:
    old = make_set(2)
    version = measured(old, 2).version
    demand(make_set(3))
    assert "receipts r2" in refused(version)


def test_importing_the_set_anew_does_not_change_what_the_gate_demands() -> None:
    hard = make_set(4)
    demand(hard)
    easy = make_set(1)
    version = measured(easy, 1).version
    assert easy.revision == 2
    refused(version)


def test_a_run_with_a_better_model_than_the_version_asks_does_not_count() -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    version = make_version("Read {{input}}", model="simulator/cheap")
    measured(labelled_set, 2, version, model="simulator/dear")
    assert "with simulator/cheap yet" in refused(version)
    measured(labelled_set, 2, version)
    assert activate(version).changed


def test_a_worse_run_with_another_model_does_not_hide_the_one_that_counts() -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    version = measured(labelled_set, 2).version
    measured(labelled_set, 0, version, model="simulator/other")
    assert activate(version).changed


def test_when_the_type_gets_another_model_the_version_has_to_be_measured_with_it() -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    version = measured(labelled_set, 2).version
    PromptType.objects.filter(slug="text").update(default_model="simulator/other")
    assert "with simulator/other yet" in refused(version)


def test_a_model_that_can_not_be_used_any_more_is_a_refusal_and_no_error() -> None:
    demand(make_set(2))
    version = make_version("Read {{input}}")
    PromptType.objects.filter(slug="text").update(default_model="gone/model")
    assert "with gone/model yet" in refused(version)


def test_a_version_that_asks_no_model_by_itself_can_not_be_measured_with_a_better_one(settings: Any) -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    vendor = {"backend": "providers.openai.OpenAIProvider", "api_key": "k", "base_url": ""}
    settings.LLM_PROVIDERS = settings.LLM_PROVIDERS | {"vendor": vendor}
    version = measured(labelled_set, 2, make_version("Read {{input}}"), model="simulator/dear").version
    assert "it has no model" in refused(version)


def test_a_set_that_lost_its_difficult_documents_does_not_count() -> None:
    labelled_set = make_set(4)
    demand(labelled_set)
    LabelledDocument.objects.filter(labelled_set=labelled_set, position__gt=2).delete()
    assert "was not measured" in refused(measured(labelled_set, 2).version)


def test_a_set_that_got_easy_documents_does_not_count() -> None:
    labelled_set = make_set(1)
    demand(labelled_set)
    for position in (2, 3, 4):
        document = make_document(text=f"Text {position}")
        LabelledDocument.objects.create(
            labelled_set=labelled_set, position=position, document=document, expected={"total": f"{position}.00"}
        )
    assert "was not measured" in refused(measured(labelled_set, 4).version)


def test_a_batch_over_the_easy_documents_alone_does_not_reach_it() -> None:
    labelled_set = make_set(4)
    demand(labelled_set)
    version = make_version("Read {{input}}")
    easy = [row.document for row in labelled_set.documents.order_by("position")[:1]]
    finish(make_batch(easy, labelled_set=labelled_set, version_number=version.version_number), reads(4))
    assert "got 1 of 4" in refused(version)


def test_an_unfinished_run_does_not_count() -> None:
    labelled_set = make_set(2)
    demand(labelled_set, "0")
    version = make_version("Read {{input}}")
    labelling.run_set(labelled_set, actor=make_user(), prompt_type="text", version_number=version.version_number)
    drive_all()
    refused(version)


@pytest.mark.parametrize("reason", ["", "   ", "...", "\u200b", "-"])
def test_what_is_no_reason_does_not_open_it(reason: str) -> None:
    demand(make_set(1))
    refused(make_version("Read {{input}}"), reason)


# --- All ways that lead to an activation --------------------------------------------------------------------------


def test_the_api_refuses_it_with_the_figures_and_takes_a_reason() -> None:
    labelled_set = make_set(4)
    demand(labelled_set, "0.9")
    number = measured(labelled_set, 3).version.version_number
    client = client_of(make_admin())
    answer = client.post(f"/api/ai/prompts/text/{number}/activate")
    assert (answer.status_code, active_number()) == (403, 1)
    assert (
        "3 of 4 values in 4 documents of receipts r1 right: 75 % (95 % interval: 30.06 to 95.44 %)"
        in answer.json()["message"]
    )
    assert "bypassReason" in answer.json()["recoveryAction"]
    answer = client.post(f"/api/ai/prompts/text/{number}/activate", {"bypassReason": "It must be."})
    assert (answer.status_code, active_number()) == (200, number)


def test_the_command_refuses_it_with_the_figures_and_takes_a_reason() -> None:
    make_user("root", is_superuser=True)
    labelled_set = make_set(4)
    demand(labelled_set, "0.9")
    number = str(measured(labelled_set, 3).version.version_number)
    error = refusal("activate_prompt", "text", number)
    assert (error.returncode, "3 of 4 values" in str(error), active_number()) == (2, True, 1)
    run_command("activate_prompt", "text", number, "--reason", "It must be.")
    assert active_number() == int(number)


def test_an_import_activates_nothing_that_has_not_reached_it() -> None:
    actor = make_user()
    version = make_version("Read {{input}}")
    activate(version)
    file = run_command("export_prompts", "-", "--type", "text")[0].encode()
    activate(PromptVersion.objects.get(prompt_type__slug="text", version_number=1))
    demand(make_set(1))
    with pytest.raises(InvalidInput, match="was not measured"):
        import_prompts(file, actor=actor, choices=Choices(activate=True))
    assert active_number() == 1
    import_prompts(file, actor=actor, choices=Choices(activate=True, bypass_reason="Moved here."))
    assert active_number() == version.version_number


# --- At the same time ---------------------------------------------------------------------------------------------


@at_the_same_time
def test_a_gate_that_is_set_while_a_version_is_activated_comes_before_or_after_and_never_between() -> None:
    labelled_set, user = make_set(1), make_user()
    for _ in range(8):
        version = make_version("Read {{input}}")

        def work(side: int, version: PromptVersion = version) -> str:
            if side:
                gate.set_gate("text", labelled_set=labelled_set, threshold=Decimal(1), actor=user)
                return "set"
            try:
                activate(version, actor=user)
            except GateClosed:
                return "refused"
            return "activated"

        outcome = together(2, work)[0]
        order = list(
            AuditEntry.objects.filter(action__in=["gate.set", "prompt_version.activated"])
            .order_by("at")
            .values_list("action", flat=True)
        )[-2:]
        assert (outcome == "activated") == (order == ["prompt_version.activated", "gate.set"])
        gate.clear_gate("text", actor=user)


@at_the_same_time
def test_a_worse_measurement_is_never_followed_by_an_activation() -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    outcomes = set()
    for _ in range(5):
        version = measured(labelled_set, 2).version
        batch = measured(labelled_set, 0, version).batch
        AccuracyRun.objects.filter(batch=batch).delete()

        def work(side: int, version: PromptVersion = version, batch: Any = batch) -> str:
            if side:
                measuring.measure(batch)
                return "measured"
            try:
                return "activated" if activate(version).changed else "as it was"
            except GateClosed:
                return "refused"

        outcomes.update(together(2, work))
        entries = AuditEntry.objects.filter(action__in=["accuracy.measured", "prompt_version.activated"])
        assert entries.latest("at").action == "accuracy.measured"
    assert outcomes <= {"measured", "activated", "refused"}


@at_the_same_time
def test_many_who_set_the_same_gate_write_one_entry() -> None:
    labelled_set, user = make_set(1), make_user()
    together(6, lambda _: gate.set_gate("text", labelled_set=labelled_set, threshold=Decimal("0.5"), actor=user))
    assert AuditEntry.objects.filter(action="gate.set").count() == 1
