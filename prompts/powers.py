"""Who may do what, beyond their own requests: the one place that names permissions (docs/security.md#roles)."""

from __future__ import annotations

from typing import Any


def manages_all(user: Any) -> bool:
    """Everything: all requests, activating and deleting versions, operations."""
    return bool(user.is_authenticated and user.has_perm("system.manage_all"))


def writes_versions(user: Any) -> bool:
    """Writing versions, trying them out and annotating them; not activating and not deleting."""
    return manages_all(user) or bool(user.is_authenticated and user.has_perm("prompts.write_promptversion"))


def reads_versions(user: Any) -> bool:
    """Looking at templates, and at figures over all requests that tell nothing of a single one."""
    return writes_versions(user) or bool(user.is_authenticated and user.has_perm("prompts.view_promptversion"))


def reads_log(user: Any) -> bool:
    """Looking at the audit log, verifying and exporting it."""
    return manages_all(user) or bool(user.is_authenticated and user.has_perm("audit.view_auditentry"))
