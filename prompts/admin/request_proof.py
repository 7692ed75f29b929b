"""Proving on the spot that a request and its answer are what was sealed, and the files that show it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import keys
from prompts import proofs
from prompts.admin import display
from prompts.admin.request_pages import RequestPages
from prompts.receipts import receipt_of
from prompts.services import proving
from prompts.services.proving import NotSealed, SealBroken


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was checked, how that ended, and what is wrong where something is."""

    question: str
    mark: SafeString
    faults: list[str]


class RequestProofs(RequestPages):
    """The page of the proof, and receipt and proof as files."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.part("<uuid:identifier>/prove/", self.prove_view, "prove"),
            self.part("<uuid:identifier>/receipt.json", self.receipt_view, "receipt"),
            self.part("<uuid:identifier>/proof.json", self.proof_view, "proof"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def prove_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Check the rows as they are now against seal, log and signature, step by step."""
        prompt_request = self.visible(request, identifier)
        context = proof_context(prompt_request.pk)
        return self.page(request, "proof", _("Proof"), prompt_request, **context)

    @method_decorator(require_safe)
    def receipt_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """What was asked and answered, as hashes."""
        prompt_request = self.visible(request, identifier)
        return _as_file(f"receipt-{prompt_request.pk}.json", receipt_of(prompt_request.pk))

    @method_decorator(require_safe)
    def proof_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """What `prove_request --check` checks anywhere."""
        prompt_request = self.visible(request, identifier)
        try:
            return _as_file(f"proof-{prompt_request.pk}.json", proving.prove(prompt_request.pk))
        except (NotSealed, SealBroken):
            messages.error(request, _("There is no proof of this request."))
            address = reverse("admin:prompts_promptrequest_prove", args=[prompt_request.pk])
            return HttpResponseRedirect(address)


def proof_context(request_id: UUID) -> dict[str, Any]:
    """`verdict` with its `kind`, and the steps that led to it; `has_file` where there is a proof to take along."""
    try:
        proof = proving.prove(request_id)
    except NotSealed:
        return _verdict("warning", _("Nothing to prove yet: an answer is sealed within a minute or two of its coming."))
    except SealBroken:
        return _verdict("failure", _("Not proven: the audit log tells of a seal for this answer, and it isn't there."))
    found = proofs.faults_by_step(proof, trusted=keys.trusted_keys())
    steps = [_step(question, found[name]) for name, question in _questions().items()]
    steps.append(_signed(proofs.is_signed(proof)))
    return _ended(found, is_signed=proofs.is_signed(proof)) | {"steps": steps, "has_file": True, "proof": _facts(proof)}


def _questions() -> dict[str, str]:
    return {
        "facts": _("Request, version and answer are as they were when they were sealed."),
        "seal": _("They are part of the seal."),
        "entry": _("The audit log has the entry of this seal."),
        "chain": _("The entry is in its place in the chain of the log."),
    }


def _step(question: str, faults: list[str]) -> Step:
    mark = display.badge("failed", _("No")) if faults else display.badge("completed", _("Yes"))
    return Step(question, mark, faults)


def _signed(is_signed: bool) -> Step:
    mark = display.badge("completed", _("Yes")) if is_signed else display.badge("pending", _("Not yet"))
    return Step(_("A signed checkpoint covers the entry."), mark, [])


def _ended(found: dict[str, list[str]], *, is_signed: bool) -> dict[str, Any]:
    if any(found.values()):
        return _verdict("failure", _("Not proven: something is not as it was."))
    if not is_signed:
        return _verdict("warning", _("Not proven yet: all of it fits, but no signed checkpoint covers it."))
    return _verdict("success", _("Proven: the request and its answer are what they were when they were sealed."))


def _verdict(kind: str, text: str) -> dict[str, Any]:
    return {"verdict": text, "kind": kind}


def _facts(proof: dict[str, Any]) -> list[tuple[str, object]]:
    """Label and value of where the request is sealed."""
    link, checkpoint = proof["link"], proof["checkpoint"]
    return [
        (_("Audit entry"), display.code(proof["entry"]["id"]) if proof["entry"] else None),
        (_("Number in the chain"), link["seq"] if link else None),
        (_("Place in the seal"), f"{proof['index'] + 1} / {proof['size']}"),
        (_("Root of the seal"), display.code(proof["root"])),
        (_("Entries under the checkpoint"), checkpoint["size"] if checkpoint else None),
    ]


def _as_file(name: str, value: dict[str, Any]) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return JsonResponse(value, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=headers)
