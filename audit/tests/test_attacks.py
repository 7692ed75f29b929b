"""Attacks by whoever owns the database, each found with its place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from audit.services import sealing
from audit.tests.attacks import ATTACKS, TABLES, delete_everything, delete_tail_with_its_checkpoints
from audit.tests.factories import append, as_owner, entry_at, run_verify_audit, sealed, sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_is_found_with_its_place(attack: Callable[[], None], log_of_ten: None) -> None:
    code, finding = ATTACKS[attack]
    entries = {str(seq): entry_at(seq) for seq in range(1, 11)}
    with as_owner():
        attack()
    found, output = run_verify_audit()
    expected = re.sub(r"\{(\d+)\}", lambda match: entries[match[1]], finding)
    assert (found, bool(re.search(expected, output, re.MULTILINE))) == (code, True), output
    assert "NOT whole" in output


def test_an_older_copy_of_the_database_is_found(log_of_ten: None) -> None:
    for table in TABLES:
        sql(f"CREATE TEMPORARY TABLE old_{table} AS TABLE {table}")
    sealed(3)
    with as_owner():
        delete_everything()
        for table in TABLES:
            sql(f"INSERT INTO {table} SELECT * FROM old_{table}")
            sql(f"DROP TABLE old_{table}")
    code, output = run_verify_audit()
    assert code == 2
    assert re.search(r"line 3 of the file tells 13 links, but the chain .* ends at seq 10", output)


def test_an_older_copy_stays_found_after_it_has_grown_over_it(log_of_ten: None) -> None:
    with as_owner():
        delete_tail_with_its_checkpoints()
    sealed(5)
    code, output = run_verify_audit()
    assert code == 2
    assert "line 2 of the file tells another link at seq 10" in output


def test_the_sealer_says_so_and_goes_on(log_of_ten: None, caplog: pytest.LogCaptureFixture) -> None:
    with as_owner():
        delete_tail_with_its_checkpoints()
    append()
    assert sealing.seal() == 1
    assert "the last checkpoint in the file tells 10 links, and the chain is shorter" in caplog.text


def test_an_entry_that_was_taken_away_while_it_waited_is_missed(log_of_ten: None) -> None:
    entry = append()
    with as_owner():
        sql("DELETE FROM audit_logs WHERE id = %s", entry.pk)
    assert run_verify_audit()[0] == 1
    assert f"entry {entry.pk} was waiting for its place in the chain, and is gone" in run_verify_audit()[1]


def test_an_entry_that_is_edited_while_it_waits_is_found(log_of_ten: None) -> None:
    entry = append()
    with as_owner():
        sql("UPDATE audit_logs SET content = replace(content, 'test', 'best') WHERE id = %s", entry.pk)
    code, output = run_verify_audit()
    assert (code, f"entry {entry.pk} has another content than its hash says" in output) == (1, True)


def test_an_entry_that_is_queued_again_is_found_and_stops_no_other(log_of_ten: None) -> None:
    entry = entry_at(4)
    sql("INSERT INTO audit_unsealed VALUES (%s)", entry)
    append()
    assert sealing.seal() == 1
    assert f"entry {entry} has a place in the chain and waits for another one" in run_verify_audit()[1]
