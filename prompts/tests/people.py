"""The people that tests of the API tell apart, each with a client. Whoever wants these fixtures imports them."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin, make_editor


@pytest.fixture
def owner(db: None) -> Any:
    return make_user("owner")


@pytest.fixture
def stranger(db: None) -> Any:
    return make_user("stranger")


@pytest.fixture
def admin(db: None) -> Any:
    return make_admin()


@pytest.fixture
def as_owner(owner: Any) -> APIClient:
    return client_of(owner)


@pytest.fixture
def as_stranger(stranger: Any) -> APIClient:
    return client_of(stranger)


@pytest.fixture
def as_admin(admin: Any) -> APIClient:
    return client_of(admin)


@pytest.fixture
def as_editor(db: None) -> APIClient:
    return client_of(make_editor())
