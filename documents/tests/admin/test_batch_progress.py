"""How far a batch is, in figures, in words, and for who listens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from documents.admin import batch_looks
from documents.admin.accuracy_looks import coarse, percent
from documents.models import Batch
from documents.services.progress import Progress
from documents.tests.admin.pages import BATCHES, address, file
from documents.tests.batching import answers, drive_all, make_batch, run, work
from documents.tests.factories import make_document, make_unreadable_document, make_waiting_document

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("ended", "total", "shown"), [(0, 3, "0 %"), (1, 3, "33 %"), (4999, 5000, "99 %"), (3, 3, "100 %"), (0, 0, "100 %")]
)
def test_a_batch_is_all_done_only_at_its_end(ended: int, total: int, shown: str) -> None:
    assert batch_looks.percent_done(Progress(total=total, completed=ended, waiting=total - ended)) == shown


def test_who_listens_hears_of_each_tenth_only() -> None:
    batch = Batch(state="running")
    heard = [batch_looks.spoken(batch, Progress(total=100, completed=done, waiting=100 - done)) for done in range(101)]
    assert len(set(heard)) == 11
    assert (heard[0], heard[19], heard[100]) == ("Running, 0 %", "Running, 10 %", "Running, 100 %")


@pytest.mark.parametrize(
    ("speed", "shown"), [(None, None), (0.5, "0.5 a minute"), (12.3, "12 a minute"), (1234.0, "1,234 a minute")]
)
def test_the_speed_is_no_finer_than_can_be_known(speed: float | None, shown: str | None) -> None:
    assert batch_looks.throughput(speed) == shown


def test_the_bar_says_in_words_what_it_shows(manager_page: Client) -> None:
    batch = make_batch([make_document(), make_waiting_document(), make_unreadable_document()])
    drive_all()
    text = manager_page.get(address(batch)).text
    assert 'max="3" value="1"' in text
    assert 'aria-valuetext="1 of 3"' in text
    assert '<p class="visually-hidden" role="status" data-live="spoken">Running, 30 %</p>' in text


@pytest.mark.parametrize("page", ["change", "cancel", "rerun", "compare"])
def test_the_way_to_a_batch_names_it_by_its_short_id(page: str, manager_page: Client) -> None:
    batch = make_batch(1)
    text = manager_page.get(address(batch, page)).text
    way = text[text.index('class="breadcrumbs"') :].partition("</div>")[0]
    assert batch.pk.hex[-8:] in way
    assert f">{batch.pk}<" not in way


def test_who_brings_the_same_content_twice_is_told_that_it_is_asked_twice(manager_page: Client) -> None:
    files = [file("Total 9.00", "one.txt"), file("Total 9.00", "two.txt"), file("Total 8.00", "three.txt")]
    sent = {"prompt_type": "text", "version_number": "1", "model": "simulator/default", "uploads": files}
    page: Any = manager_page.post(f"{BATCHES}add/", sent, follow=True)
    assert "1 document holds the same as another one of this batch." in page.text


@pytest.mark.parametrize(
    ("share", "shown"),
    [("0.75", "75.0 %"), ("0.3055", "30.55 %"), ("0.92499", "92.49 %"), ("1", "100.0 %"), ("0", "0.0 %")],
)
def test_a_share_is_shown_as_exactly_as_it_is_compared(share: str, shown: str) -> None:
    assert percent(Decimal(share)) == shown


def test_an_interval_is_shown_no_finer_than_it_is() -> None:
    assert [coarse(Decimal("0.8819")), coarse(0.9), coarse(1.0)] == ["88.1 %", "90.0 %", "100.0 %"]


def test_numbers_are_written_as_the_language_does() -> None:
    with translation.override("ar"):
        assert "30,55" in percent(Decimal("0.3055"))


# --- Large ones ---------------------------------------------------------------------------------------


def finished(documents: Any, **fields: Any) -> Batch:
    return run(make_batch(documents), answers(**fields))


def queries_of(page: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert page.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", [("change",), ("document", 2), ("compare",)], ids=lambda page: page[0])
def test_a_page_about_more_documents_takes_no_more_queries(page: Any, manager_page: Client) -> None:
    few, many = (finished([make_document(text="One\fTwo") for _ in range(number)], total="9") for number in (3, 30))
    queries_of(manager_page, address(few, *page))
    assert queries_of(manager_page, address(few, *page)) == queries_of(manager_page, address(many, *page))


def test_two_batches_that_have_ended_are_counted_once(manager_page: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("documents.services.comparing.PAGE", 2)
    documents = [make_document() for _ in range(10)]
    old, new = finished(documents, total="8"), finished(documents, total="9")
    path = address(new, "compare", **{"with": old.pk})
    first, second = queries_of(manager_page, path), queries_of(manager_page, path)
    assert second < first - 4
    assert manager_page.get(path).context["comparison"].changed == 10


def test_a_batch_that_goes_on_is_counted_anew(manager_page: Client) -> None:
    documents = [make_document(), make_waiting_document()]
    old, new = finished(documents[:1], total="8"), make_batch(documents)
    drive_all()
    path = address(new, "compare", **{"with": old.pk})
    assert manager_page.get(path).context["comparison"].documents == 0
    work(answers(total="8"))
    assert manager_page.get(path).context["comparison"].documents == 1
