"""Answers are sealed in batches, each one once, also those that were committed late."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from typing import Any

import psycopg
import pytest
import rfc8785
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit import merkle
from audit.models import AuditEntry
from prompts.models import PromptResponse, PromptSeal
from prompts.sealed_facts import facts_of, leaf_of
from prompts.services import sealing
from prompts.tests.factories import make_request
from prompts.tests.services.sealed import answered, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


def sealed_ids() -> list[Any]:
    return list(chain.from_iterable(PromptSeal.objects.order_by("id").values_list("request_ids", flat=True)))


@contextmanager
def other_session() -> Iterator[psycopg.Connection[Any]]:
    """A connection beside the test's own, as another process has it."""
    parameters = connection.get_connection_params()
    with psycopg.connect(
        **{name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if name in parameters}
    ) as session:
        yield session


def late_answer(session: psycopg.Connection[Any], request_id: Any) -> None:
    """An answer in the session's open transaction, with the time at which that began."""
    session.execute(
        "INSERT INTO prompt_responses (id, prompt_id, response_text, created_at, duration_ms, provider, model,"
        " finish_reason, provider_request_id)"
        " VALUES (gen_random_uuid(), %s, 'late', now(), 1, 'simulator', 'default', 'stop', '')",
        [request_id],
    )


def unclaimed() -> Any:
    """A request that no worker takes."""
    return make_request(next_attempt_at=timezone.now() + timedelta(hours=1))


def test_each_answer_is_sealed_once_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    requests = answered(10)
    assert sealing.seal_answers() == 10
    assert sorted(sealed_ids()) == sorted(request.pk for request in requests)
    assert list(PromptSeal.objects.order_by("id").values_list("size", flat=True)) == [4, 4, 2]
    assert sealing.seal_answers() == 0


def test_nothing_new_writes_nothing() -> None:
    sealing.seal_answers()
    assert not AuditEntry.objects.filter(action="requests.sealed").exists()


def test_what_comes_later_goes_into_the_next_seal() -> None:
    first = answered()
    sealing.seal_answers()
    second = answered()
    sealing.seal_answers()
    assert sealed_ids() == [first[0].pk, second[0].pk]


def test_the_audit_entry_tells_root_size_and_time() -> None:
    answered(3)
    sealing.seal_answers()
    seal = PromptSeal.objects.get()
    details = json.loads(seal.entry.content)["details"]
    leaves = [bytes(seal.leaves)[start : start + 32] for start in range(0, 96, 32)]
    assert bytes(seal.root) == merkle.root(leaves)
    assert (details["root"], details["size"], details["late"]) == (merkle.root(leaves).hex(), 3, 0)
    assert details["first"] <= details["last"]


def test_a_seal_whose_entry_can_not_be_written_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    answered()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the log is away")

    with monkeypatch.context() as broken:
        broken.setattr("audit.log.append", fail)
        with pytest.raises(RuntimeError, match="away"):
            sealing.seal_answers()
    assert not PromptSeal.objects.exists()
    assert sealing.seal_answers() == 1


def test_equal_texts_have_different_hashes() -> None:
    requests = answered(2)
    facts = facts_of([request.pk for request in requests], [b"a" * 16, b"b" * 16])
    assert facts[0]["template_sha256"] == facts[1]["template_sha256"]
    twice = facts_of([requests[0].pk] * 2, [b"a" * 16, b"b" * 16])
    assert twice[0]["prompt_sha256"] != twice[1]["prompt_sha256"]


def test_only_one_of_many_processes_seals() -> None:
    requests = answered(20)

    def seal(_number: int) -> int:
        try:
            return sealing.seal_answers()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        total = sum(threads.map(seal, range(6)))
    assert total + sealing.seal_answers() == 20
    assert sorted(sealed_ids()) == sorted(request.pk for request in requests)


def test_an_answer_that_is_being_recorded_holds_up_those_after_it() -> None:
    early = unclaimed()
    with other_session() as session:
        late_answer(session, early.pk)
        later = answered()
        assert sealing.seal_answers() == 0
        session.commit()
    assert sealing.seal_answers() == 2
    assert sealed_ids() == [early.pk, later[0].pk]


def test_a_transaction_that_has_not_written_yet_holds_them_up_too() -> None:
    early = unclaimed()
    with other_session() as session:
        session.execute("SELECT 1")
        answered()
        assert sealing.seal_answers() == 0
        late_answer(session, early.pk)
    assert sealing.seal_answers() == 2


def test_a_long_read_does_not_hold_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_HORIZON", sealing._HORIZON.replace("10 minutes", "0 minutes"))
    with other_session() as session:
        session.execute("SELECT 1")
        answered()
        assert sealing.seal_answers() == 1


def test_an_answer_that_slipped_by_is_found_and_sealed_late() -> None:
    early = unclaimed()
    with other_session() as session:
        late_answer(session, early.pk)
        session.commit()
        slipped = PromptResponse.objects.get()
        as_owner("DELETE FROM prompt_responses WHERE id = %s", [slipped.pk])
        answered()
        sealing.seal_answers()
    slipped.save(force_insert=True)
    as_owner("UPDATE prompt_responses SET created_at = %s WHERE id = %s", [slipped.created_at, slipped.pk])
    assert sealing.seal_answers() == 0
    assert sealing.unsealed_answers() == [early.pk]
    assert sealing.seal_late_answers() == 1
    assert sealing.unsealed_answers() == []
    assert PromptSeal.objects.first().is_late  # type: ignore[union-attr]


def test_after_late_ones_the_next_in_turn_are_sealed_from_where_it_was() -> None:
    test_an_answer_that_slipped_by_is_found_and_sealed_late()
    more = answered(2)
    assert sealing.seal_answers() == 2
    assert sorted(sealed_ids()[-2:]) == sorted(request.pk for request in more)


def test_nothing_of_a_seal_can_be_changed_but_its_salts() -> None:
    answered()
    sealing.seal_answers()
    changes: dict[str, Any]
    for changes in ({"root": b"x"}, {"size": F("size") + 1}, {"request_ids": []}, {"leaves": b""}, {"is_late": True}):
        with pytest.raises(IntegrityError, match="seals can not be changed"), transaction.atomic():
            PromptSeal.objects.update(**changes)
    with pytest.raises(IntegrityError, match="seals can not be changed"), transaction.atomic():
        PromptSeal.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE prompt_seals")
    assert PromptSeal.objects.update(salts=bytes(16 * PromptSeal.objects.get().size)) == 1


@given(
    st.dictionaries(
        st.sampled_from(["model", "provider", "a", "b", "_", "z9"]),
        st.one_of(
            st.none(),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            st.integers(-(2**53) + 1, 2**53 - 1),
        ),
    )
)
def test_facts_are_hashed_as_canonical_json(facts: dict[str, Any]) -> None:
    assert leaf_of(facts) == merkle.leaf_hash(rfc8785.dumps(facts))


def test_facts_have_no_floats_and_parameters_in_one_order() -> None:
    (request,) = answered()
    (facts,) = facts_of([request.pk], [b"a" * 16])
    assert not [value for value in facts.values() if isinstance(value, float)]
    assert facts["parameters"] == '{"temperature":0.5}'
    assert facts["answered_at"].endswith("+00:00")


def test_sealing_goes_on_while_answers_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 5)
    ended = threading.Event()

    def record() -> None:
        try:
            for _ in range(20):
                answered(5)
        finally:
            ended.set()
            connection.close()

    recorder = threading.Thread(target=record)
    recorder.start()
    while not ended.is_set():
        sealing.seal_answers()
    recorder.join()
    sealing.seal_answers()
    assert sealing.unsealed_answers() == []
    assert len(sealed_ids()) == len(set(sealed_ids())) == 100


def test_an_answer_from_the_future_waits_for_its_time() -> None:
    (request,) = answered()
    as_owner("UPDATE prompt_responses SET created_at = %s", [timezone.now() + timedelta(hours=1)])
    assert sealing.seal_answers() == 0
    assert PromptResponse.objects.filter(prompt=request).exists()


def test_answers_that_nobody_seals_are_told_by_their_age() -> None:
    assert sealing.unsealed_seconds() == 0
    answered(2)
    as_owner("UPDATE prompt_responses SET created_at = created_at - interval '1 hour'")
    assert 3600 <= sealing.unsealed_seconds() < 3700
    sealing.seal_answers()
    assert sealing.unsealed_seconds() == 0


def test_while_old_answers_are_being_sealed_nothing_is_late() -> None:
    answered(1)
    sealing.seal_answers()
    answered(1)
    as_owner("UPDATE prompt_seals SET answered = tstzrange('2000-01-01', '2000-01-01', '[]')")
    as_owner("UPDATE prompt_responses SET created_at = created_at - interval '1 hour'")
    assert sealing.unsealed_seconds() < 60


def test_answers_with_times_that_were_sealed_already_are_sealed_with_what_wrote_them() -> None:
    (early, late) = (*answered(1), *answered(1))
    as_owner("UPDATE prompt_responses SET created_at = created_at - interval '1 hour' WHERE prompt_id = %s", [early.pk])
    hidden = PromptResponse.objects.get(prompt=early)
    as_owner("DELETE FROM prompt_responses WHERE prompt_id = %s", [early.pk])
    assert sealing.seal_answers() == 1
    with transaction.atomic():
        hidden.save(force_insert=True)
        assert sealing.seal_passed_by(hidden.created_at, hidden.created_at) == 1
    assert sealed_ids() == [late.pk, early.pk]
    assert sealing.unsealed_answers() == []
