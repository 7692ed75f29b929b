"""What `manage.py migrate` refuses to begin with."""

from __future__ import annotations

import pytest
from django.core import checks
from django.db import connection

pytestmark = pytest.mark.django_db


def found() -> list[str | None]:
    messages = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [message.id for message in messages]


def test_a_postgresql_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "get_database_version", lambda: (14, 19))
    assert found() == ["system.E001"]


def test_the_lowest_postgresql_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "get_database_version", lambda: (15, 0))
    assert found() == []
