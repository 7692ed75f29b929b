"""The personas of the API's own tests; these here stand in this room for the API tokens that they use."""

from prompts.tests.api.conftest import admin, answered_at_once, as_admin, as_owner, as_stranger, owner, stranger

__all__ = ["admin", "answered_at_once", "as_admin", "as_owner", "as_stranger", "owner", "stranger"]
