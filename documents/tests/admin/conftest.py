"""Pages as the different people see them."""

from prompts.tests.admin.conftest import (
    _plain_static_files,
    manager,
    manager_page,
    superuser,
    superuser_page,
)

__all__ = ["_plain_static_files", "manager", "manager_page", "superuser", "superuser_page"]
