"""Each command of ours has a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import find_commands

OURS = [
    (name, Path(app.path))
    for app in apps.get_app_configs()
    if Path(settings.BASE_DIR) in Path(app.path).parents and ".venv" not in Path(app.path).parts
    for name in find_commands(str(Path(app.path, "management")))
]


def test_the_commands_are_found() -> None:
    assert {"ask", "create_token", "list_models", "requeue_stale"} <= {name for name, _app in OURS}


@pytest.mark.parametrize(("name", "app"), OURS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_a_command_is_called_by_a_test_of_its_app(name: str, app: Path) -> None:
    tests = [path.read_text() for path in app.glob("tests/**/test_*.py") if path != Path(__file__)]
    assert any(f'"{name}"' in text for text in tests), f"No test calls manage.py {name}."
