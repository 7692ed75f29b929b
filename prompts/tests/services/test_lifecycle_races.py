"""Many people at once: real threads, each with a connection of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count, Q

from audit.models import AuditEntry
from prompts.exceptions import ActiveVersionStays, DomainError, NotFound
from prompts.models import PromptType, PromptVersion
from prompts.models.prompt_version import template_sha256
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

THREADS, OPERATIONS = 20, 200
#: A waiting row lock past this means that somebody holds it who should not.
LOCK_TIMEOUT = "20s"


def make_versions(number: int) -> None:
    """Inactive versions 2 to `number` of the type `text`, without their audit entries."""
    PromptVersion.objects.bulk_create(
        PromptVersion(
            prompt_type_id="text",
            version_number=version,
            template=f"{version} {{{{input}}}}",
            template_sha256=template_sha256(f"{version} {{{{input}}}}"),
        )
        for version in range(2, number + 1)
    )
    PromptType.objects.filter(slug="text").update(version_counter=number)


def together(threads: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work` returns in each of as many threads, which all begin at the same moment."""
    gate = threading.Barrier(threads)

    def run(number: int) -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            gate.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@contextmanager
def meanwhile(action: Callable[[], None]) -> Iterator[list[int]]:
    """Does `action` again and again beside the block; the list then holds how often. Its errors are raised."""
    stop, times = threading.Event(), [0]

    def run() -> None:
        try:
            while not stop.is_set():
                action()
                times[0] += 1
                time.sleep(0.002)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        try:
            yield times
        finally:
            stop.set()
            running.result()


def activate_or_delete(dice: random.Random, highest: int, actor: Any) -> str:
    """One operation at random on a version at random: what became of it."""
    number = dice.randint(1, highest)
    try:
        if dice.random() < 0.85:
            return "activated" if lifecycle.activate_version("text", number, actor=actor).changed else "as it was"
        lifecycle.delete_version("text", number, actor=actor)
    except DomainError as error:
        return type(error).__name__
    return "deleted"


def active_now() -> int:
    return PromptVersion.objects.filter(prompt_type__slug="text", is_active=True).count()


def count_of(action: str) -> int:
    return AuditEntry.objects.filter(action=f"prompt_version.{action}").count()


def test_twenty_threads_activate_and_delete_and_exactly_one_version_is_active_at_every_instant() -> None:
    make_versions(100)
    actor, epoch = make_user(), PromptType.objects.get(slug="text").active_epoch
    seen: Counter[int] = Counter()

    def work(seed: int) -> Counter[str]:
        dice = random.Random(seed)
        return Counter(activate_or_delete(dice, 100, actor) for _ in range(OPERATIONS))

    with meanwhile(lambda: seen.update([active_now()])) as samples:
        outcomes: Counter[str] = sum(together(THREADS, work), Counter())
    assert seen == {1: samples[0]}
    assert samples[0] > 50
    assert outcomes.total() == THREADS * OPERATIONS
    assert set(outcomes) <= {"activated", "as it was", "deleted", "NotFound", "ActiveVersionStays"}
    assert min(outcomes["activated"], outcomes["deleted"], outcomes["NotFound"]) > 50
    assert (count_of("activated"), count_of("deleted")) == (outcomes["activated"], outcomes["deleted"])
    assert PromptType.objects.get(slug="text").active_epoch == epoch + outcomes["activated"]
    assert PromptVersion.objects.filter(deleted_at__isnull=False).count() == outcomes["deleted"]


def test_of_an_activation_and_a_deletion_of_the_same_version_exactly_one_succeeds() -> None:
    actor = make_user()
    for _ in range(30):
        number = make_version().version_number

        def work(side: int, number: int = number) -> type[DomainError] | None:
            try:
                if side:
                    lifecycle.activate_version("text", number, actor=actor)
                else:
                    lifecycle.delete_version("text", number, actor=actor)
            except DomainError as error:
                return type(error)
            return None

        assert together(2, work) in ([None, NotFound], [ActiveVersionStays, None])


def test_the_same_version_activated_by_many_is_activated_once() -> None:
    version, actor = make_version(), make_user()
    done = together(8, lambda _: lifecycle.activate_version("text", version.version_number, actor=actor).changed)
    assert sorted(done) == [False] * 7 + [True]
    assert count_of("activated") == 1


def test_a_thousand_creations_by_eight_threads_number_without_gap_or_double() -> None:
    actor = make_user()

    def work(thread: int) -> list[int]:
        return [
            lifecycle.create_version(
                prompt_type="poem", template=f"{thread} {index} {{{{input}}}}", actor=actor
            ).version_number
            for index in range(125)
        ]

    PromptType.objects.create(slug="poem", label="Poem")
    numbers = together(8, work)
    assert sorted(number for own in numbers for number in own) == list(range(1, 1001))
    assert all(own == sorted(own) for own in numbers)
    assert (PromptType.objects.get(slug="poem").version_counter, count_of("created")) == (1000, 1000)


def test_creations_that_are_rolled_back_leave_no_gap_and_no_entry() -> None:
    actor = make_user()

    def work(thread: int) -> int:
        kept = 0
        for index in range(20):
            with transaction.atomic():
                make_version(author=actor)
                if (thread + index) % 3 == 0:
                    transaction.set_rollback(True)
                else:
                    kept += 1
        return kept

    kept = sum(together(4, work))
    numbers = PromptVersion.objects.filter(prompt_type__slug="text").order_by("version_number")
    assert list(numbers.values_list("version_number", flat=True)) == list(range(1, kept + 2))
    assert count_of("created") == kept


def test_test_results_of_several_versions_are_written_beside_activations_without_a_deadlock() -> None:
    """As results are recorded: the rows are locked in the order of their ids, and written in one statement."""
    make_versions(12)
    actor = make_user()

    def record() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM prompt_versions WHERE prompt_type = 'text' ORDER BY id FOR NO KEY UPDATE")
            cursor.execute(
                "UPDATE prompt_versions SET test_result_json = '{}', last_tested_at = now() WHERE prompt_type = 'text'"
            )

    def switch(seed: int) -> int:
        dice = random.Random(seed)
        numbers = [dice.randint(1, 12) for _ in range(50)]
        return sum(lifecycle.activate_version("text", number, actor=actor).changed for number in numbers)

    with meanwhile(record) as first, meanwhile(record) as second:
        changed = sum(together(4, switch))
    assert min(first[0], second[0]) > 10
    assert count_of("activated") == changed > 100


def test_a_note_and_a_result_written_at_once_are_both_kept() -> None:
    version = make_version()

    def record() -> None:
        PromptVersion.objects.filter(pk=version.pk).update(test_result_json={"answer": 1})

    with meanwhile(record):
        for index in range(50):
            lifecycle.annotate_version("text", version.version_number, note=str(index))
            time.sleep(0.001)
    version.refresh_from_db()
    assert (version.manual_note, version.test_result_json) == ("49", {"answer": 1})


def test_a_review_that_is_demanded_at_that_moment_counts() -> None:
    """The rule is read under the lock: an activation either ends before the rule comes, or obeys it."""
    author = make_user()
    version = make_version(author=author)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            PromptType.objects.filter(slug="text").update(requires_review=True)
            trying = pool.submit(together, 1, lambda _: refusal_of(version, author))
            time.sleep(0.3)
            assert not trying.done()
        assert trying.result() == ["ReviewRequired"]


def refusal_of(version: PromptVersion, actor: Any) -> str | None:
    try:
        lifecycle.activate_version("text", version.version_number, actor=actor)
    except DomainError as error:
        return type(error).__name__
    return None


def types_without_exactly_one_active_version() -> list[str]:
    counted = PromptType.objects.annotate(active=Count("versions", filter=Q(versions__is_active=True)))
    return list(counted.exclude(active=1).values_list("slug", flat=True))


def test_every_type_that_the_installation_begins_with_has_one_active_version() -> None:
    assert types_without_exactly_one_active_version() == []
