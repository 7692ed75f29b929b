"""A backup under load, everything killed, and another installation that goes on where the backup ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from config.tests.e2e.installation import Installation, wait_for
from config.tests.e2e.load import load
from config.tests.e2e.oracle import broken_rules
from providers.tests.stubs import Reply, VendorStub

pytestmark = [pytest.mark.serial, pytest.mark.timeout(400)]

DOCUMENTS = 5
ANSWERED = """
    SELECT r.id, r.prompt_text, a.response_text FROM prompt_requests r JOIN prompt_responses a ON a.prompt_id = r.id
    WHERE r.id = ANY(%s::uuid[]) ORDER BY r.id
"""
MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"


class Bare(Installation):
    """Servers without a single table."""

    def __enter__(self) -> Self:
        self.postgres.start()
        self.valkey.start()
        return self


def ask(installation: Installation, number: int) -> str:
    return str(installation.ask(prompt_text=f"Question {number}").json()["id"])


def upload(installation: Installation, number: int) -> None:
    files = {"file": (f"receipt{number}.txt", f"Total {number}.00", "text/plain")}
    assert installation.http.post("/api/ai/documents/", files=files).status_code == 201


def contents(installation: Installation) -> dict[str, bytes]:
    folder = installation.folder / "media" / "documents"
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def busy_installation(install: Callable[..., Installation]) -> Installation:
    installation = install()
    installation.start_web()
    installation.sign_in()
    installation.start_worker()
    for number in range(DOCUMENTS):
        upload(installation, number)
    return installation


def test_an_installation_that_is_gone_goes_on_elsewhere_from_its_backup(
    install: Callable[..., Installation], vendor: VendorStub, tmp_path: Path
) -> None:
    old, file = busy_installation(install), tmp_path / "prompts.backup"
    answered = [ask(old, number) for number in range(10)]
    wait_for(lambda: len(old.sql(ANSWERED, answered)) == 10, 60, "the answers")
    wait_for((old.folder / "audit-checkpoints.jsonl").exists, 60, "a checkpoint")
    # From now on the vendor keeps everybody waiting.
    vendor.default = Reply(latency=600)
    under_way = [ask(old, number) for number in range(10, 15)]
    wait_for(lambda: old.statuses().get("generating", 0) >= 5, 60, "calls under way")
    with load(old, 5) as accepted:
        made = old.manage("backup", str(file))
    assert set(accepted) <= {201}
    before, migrations, media = old.sql(ANSWERED, answered), old.sql(MIGRATIONS), contents(old)
    for process in old.processes:
        old.kill(process)
    old.postgres.stop()
    vendor.default = Reply()

    new_folder = tmp_path_of_servers(old)
    with Bare(new_folder, environment=provider_of(old)) as new:
        restored = new.manage("restore", str(file))
        new.start_worker()
        new.wait_until_finished(60)
        assert new.sql(ANSWERED, answered) == before
        assert len(new.sql(ANSWERED, under_way)) == len(under_way)
        assert new.sql(MIGRATIONS) == migrations
        assert contents(new) == media
        assert len(media) == DOCUMENTS
        assert broken_rules(new) == {}
    reached = re.search(r"The backup reaches up to the checkpoint of .+", made)
    assert reached is not None
    assert reached[0] in restored
    assert re.search(r"^Whole: \d+ links", restored, re.MULTILINE)


def tmp_path_of_servers(old: Installation) -> Path:
    """A folder beside the old one's data, which the servers' account can reach."""
    folder = old.folder / "new"
    folder.mkdir(mode=0o711)
    return folder


def provider_of(old: Installation) -> dict[str, Any]:
    return {name: old.environment[name] for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL")}
