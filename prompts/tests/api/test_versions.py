"""The five operations of the published contract, and GET of one version."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from audit.models import AuditEntry
from prompts.models import PromptType, PromptVersion
from prompts.tests.factories import make_version

OCR = "/api/ai/prompts/ocr_extraction"
TEXT = "/api/ai/prompts/text"
TEMPLATE = "Read this:\n{{ocr_text}}\n"
ID = "01990000-0000-7000-8000-00000000000A"
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("get", "", {}),
    ("post", "", {"template": TEMPLATE}),
    ("get", "/1", {}),
    ("delete", "/1", {}),
    ("post", "/1/activate", {}),
    ("patch", "/1/note", {"manualNote": "x"}),
]


def create(client: APIClient, **body: Any) -> Any:
    return client.post(OCR, {"template": TEMPLATE} | body)


def numbers(client: APIClient, path: str = OCR) -> list[int]:
    return [row["versionNumber"] for row in client.get(path).json()["data"]]


def actions() -> list[str]:
    return [*AuditEntry.objects.filter(action__startswith="prompt_version").values_list("action", flat=True)]


def test_a_created_version_has_the_next_number_and_is_not_active(as_admin: APIClient) -> None:
    answer = create(as_admin)
    assert answer.status_code == 201, answer.content
    version = PromptVersion.objects.get(prompt_type__slug="ocr_extraction", version_number=2)
    assert answer.json() == {
        "data": {
            "promptType": "ocr_extraction",
            "versionNumber": 2,
            "template": TEMPLATE,
            "templateSha256": version.template_sha256,
            "model": "",
            "parameters": {},
            "fieldSchema": None,
            "isActive": False,
            "testResultJson": None,
            "manualNote": None,
            "lastTestedAt": None,
            "activatedAt": None,
            "createdAt": version.created_at.isoformat().replace("+00:00", "Z"),
            "createdBy": "admin",
            "testResultCheck": None,
        }
    }
    assert actions() == ["prompt_version.created"]


def test_location_leads_to_the_new_version(as_admin: APIClient) -> None:
    answer = create(as_admin)
    assert answer.headers["Location"] == f"{OCR}/2"
    assert as_admin.get(answer.headers["Location"]).json() == answer.json()


def test_what_belongs_to_a_template_is_kept_with_it(as_admin: APIClient) -> None:
    given: dict[str, Any] = {
        "model": "simulator/default",
        "parameters": {"temperature": 0.2},
        "fieldSchema": {"type": "object"},
        "manualNote": " two\nlines ",
    }
    assert given.items() <= create(as_admin, **given).json()["data"].items()


@pytest.mark.parametrize(
    "template", [" {{ocr_text}}\n\n", "\t{{ ocr_text }}\r\n", "ข้อความ {{ocr_text}} 🙂", "\ufeff{{ocr_text}}"]
)
def test_a_template_is_kept_to_the_letter(as_admin: APIClient, template: str) -> None:
    assert create(as_admin, template=template).json()["data"]["template"] == template


def test_the_list_has_the_newest_number_first_and_no_pages(as_admin: APIClient) -> None:
    for _ in range(60):
        make_version(TEMPLATE, prompt_type="ocr_extraction")
    assert numbers(as_admin) == [*range(61, 0, -1)]


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_takes_one_query_beside_those_for_who_asks(
    as_admin: APIClient, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make_version()
    with django_assert_num_queries(4):  # the token's user, their permissions and their groups'
        as_admin.get(TEXT)


def test_a_parameter_of_the_list_is_refused_as_it_has_none(as_admin: APIClient) -> None:
    answer = as_admin.get(TEXT, {"isActive": "true"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["isActive"])


@pytest.mark.parametrize("slug", ["poem", "x" * 300, "Text", "a b", "%00", "%F0%9F%99%82", "a;b", "%FF", "..", "1"])
def test_a_type_that_does_not_exist_has_no_versions_and_takes_none(as_admin: APIClient, slug: str) -> None:
    path = f"/api/ai/prompts/{slug}"
    listed, created = as_admin.get(path), as_admin.post(path, {"template": "x"}, headers={"Idempotency-Key": "k"})
    assert (listed.status_code, listed.json()) == (200, {"data": []})
    assert (created.status_code, list(created.json()["errors"])) == (400, ["promptType"])
    assert "ocr_extraction" in created.json()["message"]


@pytest.mark.parametrize("identifier", [ID, ID.lower()])
def test_an_id_in_the_place_of_a_type_is_a_request(as_admin: APIClient, identifier: str) -> None:
    path = f"/api/ai/prompts/{identifier}"
    assert "request" in as_admin.get(path).json()["message"]
    assert as_admin.post(path, {"template": TEMPLATE}).status_code == 405
    assert as_admin.get(f"{path}/1").status_code == 404


def test_activating_moves_the_one_active_version(as_admin: APIClient) -> None:
    create(as_admin)
    answer = as_admin.post(f"{OCR}/2/activate")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["data"]["isActive"], "message" in answer.json()) == (True, False)
    assert answer.json()["data"]["activatedAt"]
    assert [row["isActive"] for row in as_admin.get(OCR).json()["data"]] == [True, False]


def test_going_back_is_activating_the_older_one(as_admin: APIClient) -> None:
    create(as_admin)
    as_admin.post(f"{OCR}/2/activate")
    assert as_admin.post(f"{OCR}/1/activate").json()["data"]["versionNumber"] == 1
    assert PromptVersion.objects.get(prompt_type__slug="ocr_extraction", is_active=True).version_number == 1


def test_activating_the_active_version_says_so_and_changes_nothing(as_admin: APIClient) -> None:
    before = as_admin.get(f"{OCR}/1").json()
    answer = as_admin.post(f"{OCR}/1/activate")
    assert (answer.status_code, answer.json()["data"]) == (200, before["data"])
    assert answer.json()["message"] == "This version was active already; nothing was changed."
    assert actions() == []


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
def test_an_activation_needs_no_body(as_admin: APIClient, headers: dict[str, str]) -> None:
    create(as_admin)
    answer = as_admin.generic("POST", f"{OCR}/2/activate", "", headers.get("Content-Type", ""))
    assert answer.status_code == 200, answer.content


def test_under_review_the_author_is_refused_and_a_reason_gets_through(as_admin: APIClient) -> None:
    PromptType.objects.filter(slug="ocr_extraction").update(requires_review=True)
    create(as_admin)
    assert as_admin.post(f"{OCR}/2/activate").status_code == 403
    assert as_admin.post(f"{OCR}/2/activate", {"bypassReason": " "}).status_code == 403
    assert as_admin.post(f"{OCR}/2/activate", {"bypassReason": "x" * 501}).status_code == 400
    assert as_admin.post(f"{OCR}/2/activate", {"bypassReason": "Production is down."}).status_code == 200
    assert "prompt_version.review_bypassed" in actions()


def test_a_deleted_version_is_gone_and_its_number_is_not_given_again(as_admin: APIClient) -> None:
    create(as_admin)
    answer = as_admin.delete(f"{OCR}/2")
    assert (answer.status_code, answer.content) == (204, b"")
    assert numbers(as_admin) == [1]
    for method, path, body in OPERATIONS[2:]:
        assert getattr(as_admin, method)(f"{OCR}{path.replace('1', '2')}", body or None).status_code == 404
    assert create(as_admin).json()["data"]["versionNumber"] == 3


def test_the_active_version_cannot_be_deleted(as_admin: APIClient) -> None:
    answer = as_admin.delete(f"{OCR}/1")
    assert answer.status_code == 400
    assert answer.json()["userMessage"] == "Activate another version first, then delete this one."
    assert numbers(as_admin) == [1]


@pytest.mark.parametrize("note", ["Better with dates.", "", " x\n", None, "ก" * 2000])
def test_a_note_is_replaced_and_nothing_else(as_admin: APIClient, note: str | None) -> None:
    before = as_admin.get(f"{OCR}/1").json()["data"]
    answer = as_admin.patch(f"{OCR}/1/note", {"manualNote": note})
    assert (answer.status_code, answer.json()["data"]) == (200, before | {"manualNote": note})
    assert (numbers(as_admin), actions()) == ([1], [])


@pytest.mark.parametrize(
    "body", [{}, {"manualNote": 1}, {"manualNote": "x" * 2001}, {"manualNote": "x", "template": "y"}, {"note": "x"}]
)
def test_a_note_is_exactly_one_text_or_null(as_admin: APIClient, body: dict[str, Any]) -> None:
    assert as_admin.patch(f"{OCR}/1/note", body).status_code == 400


@pytest.mark.parametrize("number", ["0", "-1", "2", "2147483648", "9223372036854775808", "1" + "0" * 30, "9" * 4000])
@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS[2:])
def test_a_number_that_no_version_has_is_404(
    as_admin: APIClient, number: str, method: str, path: str, body: dict[str, Any]
) -> None:
    answer = getattr(as_admin, method)(f"{OCR}{path.replace('1', number)}", body or None)
    assert answer.status_code == 404, answer.content
    assert answer.json()["userMessage"] == "This version was not found."


POWERS = {"as_viewer": {"get"}, "as_editor": {"get", "post", "patch"}}


@pytest.mark.parametrize("persona", list(POWERS))
@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_a_viewer_reads_and_an_editor_writes_but_neither_activates_nor_deletes(
    request: pytest.FixtureRequest, persona: str, method: str, path: str, body: dict[str, Any]
) -> None:
    client = request.getfixturevalue(persona)
    before = PromptVersion.objects.values("is_active", "deleted_at").get(prompt_type__slug="ocr_extraction")
    allowed = method in POWERS[persona] and path != "/1/activate"
    assert (getattr(client, method)(f"{OCR}{path}", body or None).status_code < 300) is allowed
    after = PromptVersion.objects.filter(prompt_type__slug="ocr_extraction", version_number=1)
    assert after.values("is_active", "deleted_at").get() == before


@pytest.mark.parametrize("number", ["x", "1.0", "1.5", "01", "+1", "-0", "٣", "1e3", "null", "9" * 5000, "%00", "1%0A"])
def test_what_is_no_number_is_404(as_admin: APIClient, number: str) -> None:
    for method, path, body in OPERATIONS[2:]:
        answer = getattr(as_admin, method)(f"{OCR}{path.replace('1', number)}", body or None)
        assert answer.status_code == 404, answer.content


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_who_has_no_power_over_versions_gets_nothing(
    as_owner: APIClient, client: APIClient, method: str, path: str, body: dict[str, Any]
) -> None:
    before = PromptVersion.objects.values_list().get(prompt_type__slug="ocr_extraction")
    for slug in ("ocr_extraction", "poem"):
        address = f"/api/ai/prompts/{slug}{path}"
        assert getattr(as_owner, method)(address, body or None).status_code == 403
        assert getattr(client, method)(address, content_type="application/json").status_code == 401
    assert PromptVersion.objects.values_list().get(prompt_type__slug="ocr_extraction") == before


@pytest.mark.parametrize(
    "name", ["isActive", "versionNumber", "createdAt", "createdBy", "activatedAt", "testResultJson", "lastTestedAt",
             "templateSha256", "promptType", "id", "deletedAt", "is_active", "field_schema", "manual_note", "__class__"]
)  # fmt: skip
def test_what_the_server_sets_is_refused_by_name(as_admin: APIClient, name: str) -> None:
    answer = create(as_admin, **{name: True})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert numbers(as_admin) == [1]


def test_a_created_version_is_created_once_for_one_key(as_admin: APIClient) -> None:
    first, second = (as_admin.post(OCR, {"template": TEMPLATE}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert numbers(as_admin) == [2, 1]


def test_a_creation_that_was_refused_takes_no_number(as_admin: APIClient) -> None:
    assert create(as_admin, template="no placeholder").status_code == 400
    assert create(as_admin).json()["data"]["versionNumber"] == 2


def test_a_version_says_what_its_last_test_lacks(as_admin: APIClient) -> None:
    number = {"type": "number"}
    schema = {"type": "object", "properties": {"total": number, "vendor": {"type": "string"}}, "required": ["vendor"]}
    version = make_version("Read {{input}}", field_schema=schema)
    assert as_admin.get(f"{TEXT}/2").json()["data"]["testResultCheck"] is None
    PromptVersion.objects.filter(pk=version.pk).update(test_result_json={"total": "much", "vendor": ""})
    check = as_admin.get(f"{TEXT}/2").json()["data"]["testResultCheck"]
    assert check["missing"] == ["vendor"]
    assert [problem["field"] for problem in check["problems"]] == ["total"]


@pytest.mark.parametrize("result", [{"error": "timeout", "message": "It took too long."}, None])
def test_a_test_without_an_answer_is_held_against_nothing(as_admin: APIClient, result: dict[str, str] | None) -> None:
    version = make_version("Read {{input}}", field_schema={"type": "object", "properties": {"total": {}}})
    PromptVersion.objects.filter(pk=version.pk).update(test_result_json=result)
    assert as_admin.get(f"{TEXT}/2").json()["data"]["testResultCheck"] is None
