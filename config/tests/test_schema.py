"""The API's schema and the pages that show it."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from prompts.tests.factories import make_user
from prompts.tests.personas import client_of

pytestmark = pytest.mark.usefixtures("plain_static_files")

COMMITTED = Path(django_settings.BASE_DIR) / "docs" / "openapi.yaml"
INLINE = re.compile(rb"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>|<style|\son[a-z]+=|javascript:", re.I)


@pytest.fixture(scope="module")
def schema() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_committed_schema_is_what_the_code_gives() -> None:
    """`make schema` writes it anew."""
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert out.getvalue().strip() == COMMITTED.read_text().strip()


def test_operation_ids_are_snake_case_and_unique(schema: Any) -> None:
    ids = [operation["operationId"] for path in schema["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", identifier) for identifier in ids)


def test_every_operation_tells_its_errors_in_the_one_shape(schema: Any) -> None:
    for path in schema["paths"].values():
        for operation in path.values():
            failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert {"401", "503"} <= set(failures), operation["operationId"]
            for answer in failures.values():
                content = answer["content"]["application/json"]["schema"]
                assert content == {"$ref": "#/components/schemas/Error"}


def test_a_body_that_refuses_other_fields_says_so(schema: Any) -> None:
    schemas = schema["components"]["schemas"]
    bodies = [
        schemas[content["schema"]["$ref"].rpartition("/")[2]]
        for path in schema["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
        for content in operation["requestBody"]["content"].values()
    ]
    assert len(bodies) >= 10
    assert all(body["additionalProperties"] is False for body in bodies)


def test_every_link_leads_to_an_operation_with_its_parameters(schema: Any) -> None:
    operations = {
        operation["operationId"]: operation for path in schema["paths"].values() for operation in path.values()
    }
    links = [
        link
        for operation in operations.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert {link["operationId"] for link in links} >= {"activate_prompt_version", "get_prompt", "change_prompt_type"}
    for link in links:
        in_path = {item["name"] for item in operations[link["operationId"]]["parameters"] if item["in"] == "path"}
        assert set(link["parameters"]) == in_path


def test_a_list_of_versions_is_no_list_of_answers(schema: Any) -> None:
    answer = schema["paths"]["/api/ai/prompts/{promptType}"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/VersionsAnswer"}


def test_a_token_is_the_one_way_in_and_the_schema_says_where_to_get_it(schema: Any) -> None:
    ((name, scheme),) = schema["components"]["securitySchemes"].items()
    assert (name, scheme["scheme"]) == ("jwtAuth", "bearer")
    assert "POST /api/token/" in scheme["description"]


def test_a_path_stands_in_the_schema_in_one_form(schema: Any) -> None:
    paths = [path.rstrip("/") for path in schema["paths"]]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(("accept", "kind"), [("application/json", "json"), ("", "vnd.oai")])
def test_the_schema_is_served_as_json_and_yaml(accept: str, kind: str) -> None:
    answer = Client().get("/api/schema/", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert kind in answer.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/", "/api/docs", "/api/redoc"])
def test_a_documentation_page_loads_nothing_from_elsewhere_and_nothing_inline(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert not re.search(rb"(src|href)=\"(https?:)?//", answer.content)
    assert not INLINE.search(answer.content)


def test_the_script_of_the_swagger_page_is_a_script() -> None:
    (path,) = re.findall(rb"src=\"(/api/docs/\?script=[^\"]*)\"", Client().get("/api/docs/").content)
    answer = Client().get(path.decode())
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert b"/api/schema/" in answer.content
    assert b'"persistAuthorization": true' in answer.content


def test_only_redoc_may_make_styles_at_run_time() -> None:
    policies = {path: Client().get(path).headers["Content-Security-Policy"] for path in ("/api/docs/", "/api/redoc/")}
    assert "unsafe" not in policies["/api/docs/"]
    assert "script-src" not in policies["/api/redoc/"]
    assert "style-src 'self' 'unsafe-inline'" in policies["/api/redoc/"]
    assert all("default-src 'self'" in policy for policy in policies.values())


def test_the_browsable_api_holds_under_the_policy(db: None) -> None:
    page = client_of(make_user("<script>alert(1)</script>")).get("/api/ai/prompts/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert not INLINE.search(page.content)
    assert b"<script>alert" not in page.content
    policy = page.headers["Content-Security-Policy"]
    assert ("style-src-attr 'unsafe-inline'" in policy, policy.count("unsafe")) == (True, 1)
