"""Signals are the only seam of accounts: nothing of ours may go past them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as project


def test_nothing_of_ours_changes_accounts_past_the_signals() -> None:
    code = [path for app in ("config", "prompts", "audit") for path in Path(project.BASE_DIR, app).rglob("*.py")]
    found = [(path.name, call) for path in code if "tests" not in path.parts for call in bulk_writes(path.read_text())]
    assert len(code) > 100
    assert found == []


@pytest.mark.parametrize(
    "statement",
    [
        "User.objects.filter(pk=1).update(is_superuser=True)",
        "get_user_model()._default_manager.bulk_create([user])",
        "request.user.groups.through.objects.bulk_create(rows)",
        "Group.objects.bulk_update(groups, ['name'])",
    ],
)
def test_changes_past_the_signals_would_be_found(statement: str) -> None:
    assert len(list(bulk_writes(statement))) == 1


def bulk_writes(source: str) -> Iterator[str]:
    """Calls that write rows of accounts without sending signals."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = ast.unparse(node.func.value)
            is_bulk = node.func.attr in {"update", "bulk_create", "bulk_update", "aupdate", "_raw_delete"}
            if is_bulk and any(name in receiver.lower() for name in ("user", "group", "permission")):
                yield ast.unparse(node)
