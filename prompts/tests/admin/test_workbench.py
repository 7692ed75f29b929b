"""The workbench of a prompt type: who gets what, and how a version is written there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from prompts.models import PromptType, PromptVersion
from prompts.tests.admin.benches import bench, typed
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.versions import activated, active_number, deleted, entries, levels
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db


def newest() -> PromptVersion:
    return PromptVersion.objects.filter(prompt_type__slug="text").latest("version_number")


# --- Who ------------------------------------------------------------------------------------------


def test_nobody_gets_there_without_signing_in(client: Client) -> None:
    for address in (bench(), bench(part="_check"), bench("text", "_note", 1)):
        visitor: Any = client.post(address, typed())
        assert "/admin/login/" in visitor.url


def test_staff_without_powers_gets_nothing() -> None:
    page = signed_in(make_staff("prompts.view_promptrequest"))
    note = bench("text", "_note", 1)
    sent = (page.get(bench()), page.post(bench(), typed()), page.post(bench(part="_check"), typed()), page.post(note))
    assert [answer.status_code for answer in sent] == [403] * 4


def test_a_viewer_reads_everything_and_saves_nothing(viewer_page: Client) -> None:
    text = viewer_page.get(bench()).text
    assert "{{input}}</textarea>" in text
    for way in ("Save as", "/activate/", "/delete/", "hx-post", "Save the note"):
        assert way not in text
    posts = [viewer_page.post(address, typed()) for address in (bench(), bench(part="_check"))]
    assert [answer.status_code for answer in posts] == [403, 403]
    assert newest().version_number == 1


def test_an_editor_writes_and_is_told_who_activates(editor_page: Client) -> None:
    make_version()
    text = editor_page.get(bench()).text
    assert "Save as Version 3" in text
    assert "Whoever may manage everything can activate and delete versions." in text
    assert "/activate/" not in text
    assert "/delete/" not in text


def test_a_type_that_does_not_exist_has_no_workbench(manager_page: Client) -> None:
    assert manager_page.get("/admin/prompts/prompttype/999999/workbench/").status_code == 404
    assert manager_page.get("/admin/prompts/prompttype/99999999999999999999/workbench/").status_code == 404


# --- What is loaded -------------------------------------------------------------------------------


def loaded(page: Client, query: str = "") -> Any:
    """The number of the version that the editor begins with."""
    return page.get(f"{bench()}{query}").context["form"]["version"].value()


def test_the_editor_begins_with_the_active_version_or_the_one_that_is_named(manager_page: Client) -> None:
    make_version("Say {{input}} twice.", parameters={"temperature": 0.5})
    assert (loaded(manager_page), loaded(manager_page, "?version=2")) == (1, 2)
    text = manager_page.get(f"{bench()}?version=2").text
    assert "Say {{input}} twice.</textarea>" in text
    assert "&quot;temperature&quot;: 0.5" in text


def test_without_an_active_version_the_newest_is_loaded(manager_page: Client) -> None:
    PromptType.objects.create(slug="letters", label="Letters")
    assert "There is no version yet." in manager_page.get(bench("letters")).text
    for _number in range(2):
        make_version("Write {{input}}.", prompt_type="letters")
    assert manager_page.get(bench("letters")).context["loaded"].version_number == 2


def test_a_deleted_version_can_be_loaded(manager_page: Client) -> None:
    gone = deleted()
    assert "Say {{input}} no more.</textarea>" in manager_page.get(f"{bench()}?version={gone.version_number}").text


@pytest.mark.parametrize("number", ["", "x", "0", "99", "-1", "1.0", "٣", "9" * 30, "%00"])
@pytest.mark.parametrize("name", ["version", "against"])
def test_a_version_that_does_not_exist_is_not_found(manager_page: Client, name: str, number: str) -> None:
    assert manager_page.get(f"{bench()}?{name}={number}").status_code == 404


# --- Saving ---------------------------------------------------------------------------------------


def test_what_was_typed_becomes_the_next_version_and_is_not_active(editor: Any, editor_page: Client) -> None:
    values = typed(
        template="Say\r\n{{input}} ",
        model="simulator/default",
        parameters='{"temperature": 0.5}',
        field_schema='{"type": "object"}',
        manual_note="ทดลอง",
    )
    page = editor_page.post(bench(), values, follow=True)
    version = newest()
    assert page.redirect_chain == [(f"{bench()}?version=2", 302)]
    assert "Version 2 was saved. It is not active yet" in page.text
    assert (version.template, version.model, version.manual_note) == ("Say\n{{input}} ", "simulator/default", "ทดลอง")
    assert (version.parameters, version.field_schema) == ({"temperature": 0.5}, {"type": "object"})
    assert (version.author, version.is_active, active_number()) == (editor.username, False, 1)
    assert entries(version) == ["prompt_version.created"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("template", ""),
        ("template", "Say {{7*7}}."),
        ("template", "a\x00b"),
        ("model", "nobody/nothing"),
        ("parameters", '{"temperature": 99}'),
        ("parameters", "{"),
        ("field_schema", '{"type": "nothing"}'),
        ("manual_note", "x" * 2_001),
    ],
)
def test_an_error_stands_at_its_field_and_all_that_was_typed_is_still_there(
    manager_page: Client, field: str, value: str
) -> None:
    values = typed(template="Mine {{input}}", manual_note="My note", parameters='{"seed": 1}') | {field: value}
    page = manager_page.post(bench(), values)
    assert list(page.context["form"].errors) == [field]
    assert newest().version_number == 1
    for name in {"template", "manual_note", "parameters"} - {field}:
        assert page.context["form"][name].value() == values[name]


def test_who_saves_after_somebody_else_is_told_first_and_saves_with_the_second_try(manager_page: Client) -> None:
    make_version("Theirs {{input}}")
    page = manager_page.post(bench(), typed(template="Mine {{input}}"))
    assert "Another version was saved in the meantime." in page.text
    assert "Mine {{input}}</textarea>" in page.text
    assert newest().template == "Theirs {{input}}"
    seen = page.context["form"]["seen"].value()
    manager_page.post(bench(), typed(template="Mine {{input}}", seen=seen))
    assert (newest().version_number, newest().template) == (3, "Mine {{input}}")


def test_the_button_pressed_twice_saves_once(manager_page: Client) -> None:
    for _time in range(2):
        manager_page.post(bench(), typed(template="Mine {{input}}"))
    assert newest().version_number == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_told_to_look() -> None:
    pages = [signed_in(make_staff("prompts.write_promptversion")) for _person in range(2)]
    address, barrier = bench(), Barrier(len(pages))

    def save(page: Client) -> int:
        barrier.wait(10)
        try:
            return page.post(address, typed()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pages)) as pool:
        assert sorted(pool.map(save, pages)) == [200, 302]
    assert newest().version_number == 2


@pytest.mark.parametrize("seen", ["", "x", "-1"])
def test_without_knowing_the_newest_version_nothing_is_saved(manager_page: Client, seen: str) -> None:
    assert manager_page.post(bench(), typed(seen=seen)).status_code == 200
    assert newest().version_number == 1


# --- Activating and going back --------------------------------------------------------------------


def test_activating_leads_back_to_the_workbench_with_the_way_to_the_former_version(manager_page: Client) -> None:
    version, former = make_version(), PromptVersion.objects.get(prompt_type__slug="text", version_number=1)
    address = f"/admin/prompts/promptversion/{version.pk}/activate/"
    page = manager_page.post(address, {"replaced": "1"}, follow=True)
    assert page.redirect_chain == [(f"{bench()}?version=2", 302)]
    assert levels(page) == ["success"]
    button = f'<a class="button" href="/admin/prompts/promptversion/{former.pk}/activate/">'
    assert f"{button}Activate Version 1</a>" in page.text
    assert f"{button}Go back to Version 1</a>" in manager_page.get(bench()).text


def test_the_former_version_is_offered_to_nobody_who_can_not_activate_it(editor_page: Client) -> None:
    activated(make_version())
    assert "Go back" not in editor_page.get(bench()).text


# --- The ways there -------------------------------------------------------------------------------


def test_the_list_of_types_leads_to_their_workbenches_and_settings(viewer_page: Client) -> None:
    text = viewer_page.get("/admin/prompts/prompttype/").text
    assert f'<a href="{bench()}">text</a>' in text
    assert 'aria-label="Settings of Text"' in text


def test_who_may_not_look_at_versions_is_led_to_the_settings() -> None:
    text = signed_in(make_staff("prompts.view_prompttype")).get("/admin/prompts/prompttype/").text
    assert "/change/" in text
    assert "workbench" not in text


def test_the_pages_of_types_and_versions_lead_there(viewer_page: Client) -> None:
    version = make_version()
    assert f'href="{bench()}"' in viewer_page.get(f"/admin/prompts/prompttype/{version.prompt_type.pk}/change/").text
    assert f'href="{bench()}?version=2"' in viewer_page.get(f"/admin/prompts/promptversion/{version.pk}/change/").text
