"""Bodies made to do harm: a refusal in under a second, and never a 500."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.tests.test_routes import ROUTES, address
from prompts.models import PromptRequest
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of

PROMPTS = "/api/ai/prompts/"
SECONDS = 1.0
GOOD = '"prompt_type": "text", "model": "simulator/default"'


@pytest.fixture
def client(db: None) -> APIClient:
    client = client_of(make_user())
    client.get(PROMPTS)  # what is imported once is not the body's fault
    return client


def send(client: APIClient, body: bytes | str, **headers: str) -> tuple[Any, float]:
    raw = body if isinstance(body, bytes) else body.encode()
    started = time.process_time()
    answer = client.post(PROMPTS, data=raw, content_type="application/json", headers=headers)
    return answer, time.process_time() - started


ATTACKS: dict[str, tuple[bytes | str, int]] = {
    "no JSON": ("prompt_type=text", 400),
    "cut off": ('{"prompt_type": ', 400),
    "NaN": (f'{{{GOOD}, "prompt_text": "x", "metadata": {{"a": NaN}}}}', 400),
    "Infinity": (f'{{{GOOD}, "prompt_text": "x", "metadata": {{"a": -Infinity}}}}', 400),
    "1e999": (f'{{{GOOD}, "prompt_text": "x", "metadata": {{"a": 1e999}}}}', 400),
    "lone surrogate": (f'{{{GOOD}, "prompt_text": "\\ud800"}}', 400),
    "lone low surrogate": (f'{{{GOOD}, "prompt_text": "x", "metadata": {{"a": "\\udc00"}}}}', 400),
    "NUL": (f'{{{GOOD}, "prompt_text": "a\\u0000b"}}', 400),
    "nested NUL": (f'{{{GOOD}, "prompt_text": "x", "metadata": {{"a": [{{"b": "\\u0000"}}]}}}}', 400),
    "NUL in a name": (f'{{{GOOD}, "prompt_text": "x", "metadata": {{"a\\u0000": 1}}}}', 400),
    "raw NUL": (f'{{{GOOD}, "prompt_text": "a\x00b"}}', 400),
    "no UTF-8": (b'{"prompt_text": "\xff\xfe"}', 400),
    "surrogate as UTF-8": (b'{"prompt_text": "\xed\xa0\x80"}', 400),
    "UTF-16": ("{}".encode("utf-16"), 400),
    "array": ("[]", 400),
    "string": ('"x"', 400),
    "null": ("null", 400),
    "a million arrays deep": ("[" * 1_000_000, 400),
    "a million objects deep": ('{"a":' * 1_000_000, 400),
    "a closed thousand deep": ('{"metadata":' + "[" * 1000 + "]" * 1000 + "}", 400),
    "65 deep": (f'{{{GOOD}, "prompt_text": "x", "metadata": ' + '{"a":' * 65 + "1" + "}" * 66, 400),
    "four million values": ('{"metadata": {"a": [' + "0," * 3_900_000 + "0]}}", 400),
    "two million empty arrays": ('{"metadata": {"a": [' + "[]," * 2_000_000 + "[]]}}", 400),
    "a million strings": ('{"metadata": {"a": [' + '"",' * 1_000_000 + '""]}}', 400),
    "names in metadata": ('{"metadata": {' + ",".join(f'"f{number}": 1' for number in range(90_000)) + "}}", 400),
    "half a million names": ("{" + ",".join(f'"field{number}": 1' for number in range(400_000)) + "}", 400),
    "50 MB": ('{"prompt_text": "' + "x" * 50_000_000 + '"}', 413),
    "a long number": ('{"prompt_text": ' + "9" * 1_000_000 + "}", 400),
    "1 MB of quotes": ('{"prompt_text": "' + '\\"' * 2_000_000 + '"}', 400),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_harmful_body_is_refused_in_under_a_second(client: APIClient, name: str) -> None:
    body, status = ATTACKS[name]
    answer, seconds = send(client, body)
    assert answer.status_code == status, answer.content[:300]
    assert {"message", "userMessage", "recoveryAction"} <= set(answer.json())
    assert seconds < SECONDS
    assert not PromptRequest.objects.exists()


def test_of_duplicate_names_the_last_one_counts(client: APIClient) -> None:
    answer, _ = send(client, f'{{{GOOD}, "prompt_text": "one", "prompt_text": "two"}}')
    assert answer.json()["prompt_text"] == "two"


def test_an_escaped_backslash_before_u0000_is_ordinary_text(client: APIClient) -> None:
    answer, _ = send(client, f'{{{GOOD}, "prompt_text": "\\\\u0000"}}')
    assert answer.json()["prompt_text"] == "\\u0000"


def test_64_levels_and_text_full_of_brackets_are_ordinary(client: APIClient) -> None:
    deep = '{"a":' * 60 + "1" + "}" * 60
    answer, _ = send(client, f'{{{GOOD}, "prompt_text": "' + "[{" * 5000 + f'", "metadata": {deep}}}')
    assert answer.status_code == 201, answer.content[:300]


def test_a_text_of_one_megabyte_escaped_to_six_is_accepted(client: APIClient) -> None:
    answer, _ = send(client, f'{{{GOOD}, "prompt_text": "' + "\\u0041" * 1_048_576 + '"}')
    assert answer.status_code == 201, answer.content[:300]


def test_a_model_whose_full_name_no_row_has_room_for_is_400(client: APIClient, settings: Any) -> None:
    settings.MODELS_ALLOWED = ["simulator/default", "vllm/" + "x" * 200]
    settings.LLM_PROVIDERS = settings.LLM_PROVIDERS | {"vllm": settings.LLM_PROVIDERS["simulator"]}
    answer, _ = send(client, f'{{{GOOD}, "prompt_text": "x", "model": "{"x" * 200}"}}')
    assert answer.status_code == 400, answer.content


def test_a_length_that_is_announced_is_refused_unread(client: APIClient) -> None:
    answer = client.generic("POST", PROMPTS, "{}", "application/json", CONTENT_LENGTH="99999999999999999999999")
    assert answer.status_code == 413


def test_a_chunked_body_is_read_although_it_has_no_length(client: APIClient) -> None:
    body = f'{{{GOOD}, "prompt_text": "In pieces."}}'
    answer = send_chunked(client, body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["prompt_text"] == "In pieces."


def test_a_chunked_body_over_the_limit_is_413(client: APIClient) -> None:
    assert send_chunked(client, '{"prompt_text": "' + "x" * 9_000_000 + '"}').status_code == 413


def send_chunked(client: APIClient, body: str) -> Any:
    """As a WSGI server hands it on: the transfer coding undone, and no CONTENT_LENGTH."""
    environ: Any = {"wsgi.input": BytesIO(body.encode()), "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.generic("POST", PROMPTS, body, "application/json", **environ)


#: Small ones of each kind, for the bodies of all other addresses.
SMALL = ["no JSON", "cut off", "NaN", "lone surrogate", "NUL", "no UTF-8", "array", "null", "a closed thousand deep"]
TAKING = [(route, call.method) for route, calls in ROUTES.items() for call in calls if call.admin not in {404, 405}]


@pytest.mark.parametrize(
    ("route", "method"), [each for each in TAKING if each[1] in {"post", "put", "patch"} and each[0].startswith("api/")]
)
def test_no_address_breaks_of_a_harmful_body(db: None, route: str, method: str) -> None:
    client = client_of(make_user(is_superuser=True))
    for name in SMALL:
        raw = ATTACKS[name][0]
        for body in (raw, b'{"name": %s}' % (raw if isinstance(raw, bytes) else raw.encode())):
            answer = getattr(client, method)(address(route), data=body, content_type="application/json")
            assert 400 <= answer.status_code < 500 or not taken(client, answer), (name, answer.content[:300])


def taken(client: APIClient, answer: Any) -> bool:
    """Whether something came of it: what takes no body at all looks at none."""
    return answer.status_code >= 500 or PromptRequest.objects.exists()
