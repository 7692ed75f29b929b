"""Generated calls, good and bad, alone and in sequence: no 5xx, and no answer that the schema doesn't tell of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.specs.openapi import checks as openapi_checks

from config.handler import Handler
from prompts.tests.personas import bearer, make_admin

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(400)]

EXAMPLES = int(os.environ.get("API_EXAMPLES", "8"))
SEQUENCES = EXAMPLES * 3
MOST_ROUNDS = 3
STEPS = 12
#: What the shape of a body or a query can't say: names that must exist, texts that must fit a template, …
RULES_OF_THE_DOMAIN = ["2xx", "304", "400", "401", "403", "404", "409", "422", "429"]
CHECKS: dict[str, Any] = {"positive_data_acceptance": {"expected-statuses": RULES_OF_THE_DOMAIN}}
#: We add operations and statuses to the contract, and take fewer names in a body than it lets through.
OF_CONTRACT = {name: {"enabled": False} for name in ("status_code_conformance", "allow_header_conformance")}
#: Another text in the place of the id is no wrong id, but a prompt type.
ONE_PLACE_FOR_TWO = {"include-name": "GET /api/ai/prompts/{id}", "generation": {"mode": "positive"}}
FORM = "multipart/form-data"
GENERATION = {"deterministic": True, "database": "none"}
#: The links that our schema has, for the contract, which has none.
NEXT_OF_VERSION = ("activatePromptVersion", "updatePromptNote", "deletePromptVersion")
VERSION = {"promptType": "$request.path.promptType", "versionNumber": "$response.body#/data/versionNumber"}


def read(path: Path) -> dict[str, Any]:
    """A schema. What is written in C reads it ten times as fast, where PyYAML brings it."""
    content: dict[str, Any] = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return content


def contract() -> dict[str, Any]:
    content = read(settings.BASE_DIR / "docs/contract/prompt-versions.openapi.yaml")
    created = content["paths"]["/ai/prompts/{promptType}"]["post"]["responses"]["201"]
    created["links"] = {name: {"operationId": name, "parameters": VERSION} for name in NEXT_OF_VERSION}
    return content


def ours() -> dict[str, Any]:
    return read(settings.BASE_DIR / "docs/openapi.yaml")


def of(*tags: str) -> dict[str, Any]:
    """Our schema with the operations of these tags alone: few enough that a sequence comes far among them.

    What can be sent as a form stands in it as a form only: a form brings the files that it is about.
    """
    content = ours()
    for path, item in content["paths"].items():
        content["paths"][path] = {method: each for method, each in item.items() if set(tags) & set(each["tags"])}
        for operation in content["paths"][path].values():
            bodies = operation.get("requestBody", {}).get("content", {})
            if FORM in bodies:
                bodies.pop("application/json", None)
    return content


def loaded(content: dict[str, Any], checks: dict[str, Any], operations: list[Any]) -> Any:
    """The schema, to be tried on this project in this process."""
    config = schemathesis.Config.from_dict(
        {"checks": CHECKS | checks, "generation": GENERATION, "operations": operations}
    )
    schema = schemathesis.openapi.from_dict(content, config=config)
    schema.app = Handler()
    return schema


#: Calls are made up when such a test runs, not when it is collected: each process of the tests collects them all.
EACH_OF_CONTRACT, EACH_OF_OURS = (schemathesis.pytest.from_fixture(name) for name in ("of_contract", "of_ours"))
generated = hypothesis_settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@pytest.fixture(autouse=True)
def _id_where_it_is_looked_for(request: pytest.FixtureRequest) -> None:
    """Schemathesis reads the test's id from where pytest no longer keeps it."""
    request.node._nodeid = request.node.nodeid


@pytest.fixture
def of_contract() -> Any:
    return loaded(contract(), OF_CONTRACT, [])


@pytest.fixture
def of_ours() -> Any:
    return loaded(ours(), {}, [ONE_PLACE_FOR_TWO])


@pytest.fixture
def headers(db: None) -> Iterator[dict[str, str]]:
    """Those of somebody who may do everything. As in Django's own client, requests leave the connection open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"Authorization": bearer(make_admin())}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@generated
@EACH_OF_CONTRACT.parametrize()
def test_the_contract_holds_for_each_operation(case: Any, headers: dict[str, str]) -> None:
    case.call_and_validate(headers=headers)


@generated
@EACH_OF_OURS.parametrize()
def test_our_own_schema_holds_for_each_operation(case: Any, headers: dict[str, str]) -> None:
    case.call_and_validate(headers=headers)


#: An operation and the status that it gave.
Called = tuple[str, int]


def machine_of(schema: Any, headers: dict[str, str], seen: list[Called]) -> type[APIStateMachine]:
    """Sequences of operations, in which what one call made is what the next one is about."""

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            """Each sequence begins with the same database: what comes next is chosen by what was answered."""
            super().setup()
            self.sequence = transaction.atomic()
            self.sequence.__enter__()

        def teardown(self) -> None:
            """And leaves nothing behind."""
            transaction.set_rollback(True)
            self.sequence.__exit__(None, None, None)
            super().teardown()

        def before_call(self, case: Any) -> None:
            """Have well-made creations accepted: the rest begins with them."""
            if case.meta.generation.mode.is_negative:
                return
            match case.operation.definition.raw["operationId"]:
                case "create_prompt_version" | "createPromptVersion":
                    case.path_parameters, case.body = {"promptType": "text"}, {"template": "Say {{input}}."}
                case "create_prompt":
                    case.body = {"prompt_type": "text", "variables": {"input": "x"}, "model": "simulator/default"}
                case "try_prompt_version":
                    case.body = {"text": "x", "model": "simulator/default"}
                case "upload_document":
                    case.body = {"file": "Total 12.00"}
                case "create_batch":
                    case.body = {"promptType": "text", "model": "simulator/default", "files": ["Total 12.00"]}
                case "rerun_batch":
                    case.body = {}

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            """Without the check that would take these headers for made up; the routes' own test knows who gets what."""
            unfit = [openapi_checks.ignored_auth]
            case.validate_response(response, excluded_checks=unfit, recorder=self.recorder, transport_kwargs=kwargs)

        def after_call(self, response: Any, case: Any) -> None:
            super().after_call(response, case)
            seen.append((case.operation.definition.raw["operationId"], response.status_code))

    return Machine


def follows(schema: Any, headers: dict[str, str], *, made: set[Called], of_it: set[Called]) -> bool:
    """Whether sequences made something and went on with it.

    Which of the ways they take is up to chance: where they have not come far, more of them are tried.
    """
    seen: list[Called] = []
    for rounds in range(1, MOST_ROUNDS + 1):
        examples = hypothesis_settings(generated, max_examples=SEQUENCES * rounds, stateful_step_count=STEPS)
        machine_of(schema, headers, seen).run(settings=examples)
        if made <= set(seen) and len(of_it & set(seen)) >= 2:
            return True
    return False


def test_the_contract_holds_in_sequences_of_operations(of_contract: Any, headers: dict[str, str]) -> None:
    assert follows(
        of_contract,
        headers,
        made={("createPromptVersion", 201)},
        of_it={
            ("activatePromptVersion", 200),
            ("updatePromptNote", 200),
            ("deletePromptVersion", 204),
            ("deletePromptVersion", 400),
        },
    )


def test_our_own_schema_holds_in_sequences_over_documents(headers: dict[str, str]) -> None:
    assert follows(
        loaded(of("Documents", "Batches"), {}, []),
        headers,
        made={("upload_document", 201), ("create_batch", 201)},
        of_it={("get_document", 200), ("cancel_batch", 200), ("get_batch", 200), ("pause_batch", 200)},
    )


def test_our_own_schema_holds_in_sequences_of_operations(headers: dict[str, str]) -> None:
    assert follows(
        loaded(of("Prompts", "Versions"), {}, [ONE_PLACE_FOR_TWO]),
        headers,
        made={("create_prompt_version", 201), ("create_prompt", 201)},
        of_it={
            ("activate_prompt_version", 200),
            ("delete_prompt_version", 204),
            ("get_prompt_version", 200),
            ("get_prompt_version", 404),
            ("get_prompt", 200),
        },
    )
