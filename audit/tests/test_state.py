"""The state of the chain at a glance."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditCheckpoint
from audit.services import sealing
from audit.services.state import ChainState, chain_state
from audit.tests.factories import append, backdated_entry, sealed, sql

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_empty_log_has_no_links_and_no_checkpoint() -> None:
    assert chain_state() == ChainState(0, "00" * 32, 0, 0.0, None, None, None)


def test_the_state_tells_the_end_of_the_chain_and_the_last_checkpoint() -> None:
    sealed(2)
    append()
    sealing.seal()
    state, last = chain_state(), AuditCheckpoint.objects.get()
    assert (state.size, state.waiting) == (3, 0)
    assert state.head == bytes(sql("SELECT hash FROM audit_links WHERE seq = 3")[0][0]).hex()
    assert (state.checkpoint_size, state.checkpoint_at, state.key_id) == (2, last.at, last.key_id)


def test_the_state_tells_what_waits_and_for_how_long() -> None:
    backdated_entry(30)
    append()
    state = chain_state()
    assert state.waiting == 2
    assert 30 <= state.oldest_waiting_seconds < 60


def test_the_state_takes_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    sealed(3)
    append()
    with django_assert_num_queries(1):
        chain_state()
