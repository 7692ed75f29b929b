"""Rows whose every text, wherever anybody can write one, tries to become markup."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models.functions import Now

from audit import log
from config.accounts import tokens
from documents.models import Batch
from documents.tests.batching import make_batch
from documents.tests.factories import make_document, make_unreadable_document
from documents.tests.measuring import make_set, run_on, says
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle, presence
from prompts.services.execution import Failure, Result
from prompts.tests.admin.stories import answered, run_once
from prompts.tests.factories import make_request, make_user, make_version

#: Out of a text, out of an attribute in either quotes, out of a script and out of a text area.
HOSTILE = '</script></textarea></title>\'" onxss=1 ><xss-canary onxss="1"><svg/onload=xss()>\u202e'
ANSWER = f"{HOSTILE}\n\n[a](javascript:xss()) ![b](data:image/svg+xml,<svg>) **c**\n\n```\n{HOSTILE}\n```"
SHORT = "'\"><xss-canary onxss=1>"


def fill(user: Any) -> None:
    """Requests, versions, documents, batches, sets, accounts and tokens that hold it, some of them the user's."""
    _accounts(user)
    version = _versions(user)
    _requests(user, version)
    _documents(user, version)
    presence.sign(f"worker {SHORT}", slots=5, running=1)
    log.append("prompt_type.changed", target=version.prompt_type, details={SHORT: HOSTILE}, actor=user)


def _accounts(user: Any) -> None:
    make_user(HOSTILE, first_name=HOSTILE, last_name=HOSTILE, email=f"{SHORT}@x", is_staff=True)
    Group.objects.create(name=HOSTILE)
    tokens.create(user=user, name=SHORT, actor=user)


def _versions(user: Any) -> PromptVersion:
    """A tested one with a note, of a type with a name and a description like that; another is deleted."""
    PromptType.objects.filter(slug="text").update(label=HOSTILE, description=HOSTILE)
    schema = {"type": "object", "title": HOSTILE, "properties": {SHORT: {"type": "string", "description": HOSTILE}}}
    values = {"manual_note": HOSTILE, "model": "simulator/default", "field_schema": schema}
    version = make_version(f"{HOSTILE} {{{{input}}}}", user, **values)
    PromptVersion.objects.filter(pk=version.pk).update(test_result_json={SHORT: HOSTILE}, last_tested_at=Now())
    gone = make_version(f"{{{{input}}}} {HOSTILE}", user)
    lifecycle.delete_version("text", gone.version_number, actor=user)
    return version


def _requests(user: Any, version: PromptVersion) -> None:
    said = {"purpose": HOSTILE, "metadata": {SHORT: HOSTILE}, "prompt_text": HOSTILE}
    answered(ANSWER, user, **said)
    answered(HOSTILE, user, **said, version=version, variables={"input": HOSTILE}, is_sandbox=True)
    run_once(make_request(user, **said), _failed_with, HOSTILE)
    make_request(user, **said, parameters={"system": HOSTILE, "stop": [SHORT]})


def _failed_with(claim: Any, text: str) -> Result:
    return Result(claim, 1, failure=Failure("auth", text, http_status=401, provider_request_id=SHORT))


def _documents(user: Any, version: PromptVersion) -> Batch:
    """Documents that were read and that could not be, batches over them, and a set with such labels."""
    named = {"name": f"{SHORT}.pdf"}
    documents = [make_document(user, HOSTILE, **named), make_unreadable_document(user, **named)]
    make_batch(documents, user, purpose=HOSTILE, model="simulator/default")
    measured = make_set([{SHORT: HOSTILE, "total": HOSTILE}, {"total": "2.00"}], user=user)
    return run_on(measured, version, says({SHORT: HOSTILE}, ANSWER))
