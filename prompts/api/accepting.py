"""Taking in a request on the shortest way (docs/decisions/0020-hot-path-of-accepting.md)."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.settings import api_settings

from prompts import prepared
from prompts.api import plain
from prompts.api.bearer import is_known, let_in
from prompts.api.creating import created
from prompts.api.idempotency import answer_to, marked
from prompts.api.rendering import OrjsonRenderer
from prompts.api.serializers import PromptCreate
from prompts.exceptions import DomainError
from prompts.services import admission, submission
from prompts.services.admission import Admitted
from prompts.services.idempotency import Answer

FAILURE = "failure_of_shortcut"
#: Longer bodies go the framework's way, which asks who sends them before it reads them.
LONGEST_BODY = 256 * 1024
IDEMPOTENCY_KEY = "HTTP_IDEMPOTENCY_KEY"
HEADERS = {"Vary": "Accept", "Allow": "GET, POST, HEAD, OPTIONS"}
#: One for all: it keeps no state, and making its fields anew takes longer than all else here.
_shape = PromptCreate()


def accept_quickly(request: HttpRequest) -> HttpResponse | None:
    """The answer to who sends a good request with a good token; None leaves it to the framework.

    That includes every refusal, of which nothing is stored: the framework meets it again and puts it into words. What
    went wrong otherwise may have stored the request or not: the view raises it, and tries nothing again.
    """
    if not _is_plain(request):
        return None
    try:
        return _accepted(request)
    except (APIException, DomainError):
        return None
    except Exception as error:  # noqa: BLE001 (the view raises it, where errors become answers)
        vars(request)[FAILURE] = error
        prepared.let_go_of_broken()
        return None


def raise_failure(request: HttpRequest) -> None:
    """Raise what kept `accept_quickly` from answering this call, if anything did."""
    if failure := vars(request).get(FAILURE):
        raise failure


def _is_plain(request: HttpRequest) -> bool:
    headers = request.META
    return (
        request.method == "POST"
        and plain.asks_plainly(headers)
        and plain.brings_json(headers, LONGEST_BODY)
        and is_known(headers.get("HTTP_AUTHORIZATION", ""), admission.caller, admission.caller_with)
    )


def _accepted(request: HttpRequest) -> HttpResponse | None:
    body = _parsed(request.body)
    values = _shape.run_validation(body)
    authorization = request.META.get("HTTP_AUTHORIZATION", "")
    return _accepted_again(request, body, values, authorization) or _accepted_now(request, body, values, authorization)


def _accepted_again(
    request: HttpRequest, body: dict[str, Any], values: dict[str, Any], authorization: str
) -> HttpResponse | None:
    """For whom this process knows: whether all of it is still so is asked in the statement that stores the request.

    Not with a key: a first answer that is given again stores nothing, so nobody would be asked.
    """
    by = partial(admission.remembered, prompt_type=values["prompt_type"])
    asker = None if IDEMPOTENCY_KEY in request.META else let_in(authorization, by, by)
    if asker is None:
        return None
    try:
        prepared.take_connection()
        return _answer(request, body, values | {"only_if": asker.still}, asker)
    except prepared.NoLonger:
        return None


def _accepted_now(
    request: HttpRequest, body: dict[str, Any], values: dict[str, Any], authorization: str
) -> HttpResponse | None:
    """For whom the database knows."""
    slug = values["prompt_type"]
    asker = let_in(
        authorization,
        lambda user_id: admission.admit(user_id, slug),
        lambda digest: admission.admit_with(digest, slug),
    )
    return _answer(request, body, values, asker) if asker else None


def _parsed(raw: bytes) -> dict[str, Any]:
    parser: Any = api_settings.DEFAULT_PARSER_CLASSES[0]
    body: dict[str, Any] = parser().parse(BytesIO(raw))
    return body


def _answer(request: HttpRequest, body: dict[str, Any], values: dict[str, Any], asker: Admitted) -> HttpResponse:
    given = values | {"prompt_type": asker.kind}

    def produce(key: str) -> Answer:
        return created(asker, submission.submit, idempotency_key=key, **given)

    answer = answer_to(request.META.get(IDEMPOTENCY_KEY), user=asker, path=request.path, body=body, produce=produce)
    content = OrjsonRenderer().render(answer.body)
    return HttpResponse(
        content,
        status=answer.status,
        content_type="application/json",
        headers=HEADERS | {"Content-Length": str(len(content))} | marked(answer),
    )
