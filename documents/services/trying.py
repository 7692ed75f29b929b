"""Trying a version out on a document."""

from __future__ import annotations

from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from documents import announcing
from documents.models import Document, DocumentFile, SandboxRun
from documents.models.document_file import Priority, ReadingState
from documents.services import files
from documents.services.reading import reason_text, text_of
from prompts import rendering
from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest
from prompts.services import active, submission
from prompts.services.active import ActiveVersion
from prompts.services.inputs import in_braces, render_strictly
from prompts.services.placeholders import text_placeholder


class Actor(Protocol):
    """Whoever tries: a saved user."""

    pk: Any


@transaction.atomic
def try_document(
    *,
    actor: Actor,
    prompt_type: str,
    version_number: int | None,
    document: Document,
    variables: dict[str, str] | None = None,
    model: str = "",
    idempotency_key: str = "",
) -> PromptRequest:
    """Ask the model with this version, or the active one, about a document. `variables` fill what its text doesn't.

    The answer becomes the last test result of exactly the version that it began with. Where the document is still
    being read, the request waits for its text. Raises InvalidInput on `file` when it can't be read, and what
    `submit` raises.
    """
    # Under this lock, so that the reading does not end unnoticed between the question and the answer.
    file = DocumentFile.objects.select_for_update(no_key=True).get(pk=document.file_id)
    if file.state == ReadingState.FAILED:
        raise InvalidInput.on("file", reason_text(file))
    version = active.read(prompt_type) if version_number is None else active.pinned(prompt_type, version_number)
    run = SandboxRun(document=document, placeholder=_placeholder(version, variables or {}), variables=variables or {})
    run.request = _ask(file, run, version, user=actor, model=model, idempotency_key=idempotency_key)
    run.save(force_insert=True)
    return run.request


def _placeholder(version: ActiveVersion, variables: dict[str, str]) -> str:
    """Which one the document's text fills: the only one that is left. Raises InvalidInput on `variables`."""
    left = [name for name in rendering.placeholders(version.template) if name not in variables]
    name = left[0] if variables and len(left) == 1 else text_placeholder(version, field="variables")
    if name in variables:
        text = _("The document fills %(placeholder)s; leave it out of the variables.")
        raise InvalidInput.on("variables", text % {"placeholder": in_braces([name])})
    # What else is wrong is said now, not when the text is there.
    render_strictly(version.template, {**variables, name: ""})
    return name


def _ask(file: DocumentFile, run: SandboxRun, version: ActiveVersion, **given: Any) -> PromptRequest:
    given |= {"prompt_type": version.prompt_type, "version_number": version.version_number, "is_sandbox": True}
    if file.state == ReadingState.READ:
        return submission.submit(variables={**run.variables, run.placeholder: text_of(file)}, **given)
    files.raise_priority(file, Priority.PERSON)
    transaction.on_commit(announcing.announce, robust=True)
    return submission.submit_awaiting(**given)
