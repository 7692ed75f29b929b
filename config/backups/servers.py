"""The database server of this installation: there already, or started for as long as it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from config.backups.exceptions import Refused, Unusable
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.postgres import EmbeddedPostgres
from config.supervisor.preflight import NotReadyToRunError, only_one


@contextmanager
def at_hand() -> Iterator[None]:
    """The database answers inside. One that DATABASE_URL names has to run; the embedded one is started if need be."""
    if settings.DATABASE_URL:
        yield
        return
    try:
        server = EmbeddedPostgres(settings.EMBEDDED)
        server.start()
    except EmbeddedServerError as error:
        raise Unusable(str(error)) from error
    try:
        yield
    finally:
        connection.close()
        server.stop()


@contextmanager
def alone() -> Iterator[None]:
    """No `manage.py run` brings its server up meanwhile. Raises Refused where one runs."""
    if settings.DATABASE_URL:
        yield
        return
    try:
        with only_one(settings.DATA_DIR):
            yield
    except NotReadyToRunError as error:
        raise Refused(str(error)) from error
