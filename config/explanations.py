"""Says in one sentence what to do about a failure that the operator, not a programmer, can mend."""

from __future__ import annotations

import kombu.exceptions
import redis.exceptions
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from config.embedded.exceptions import EmbeddedServerError

NO_DATABASE = (
    "The database can't be reached. Start the project with `make run` in another shell, "
    "or set DATABASE_URL to a PostgreSQL server that is running."
)
NO_BROKER = (
    "Redis or the message broker can't be reached. Start the project with `make run` in another shell, "
    "or set REDIS_URL, and CELERY_BROKER_URL where you use it, to servers that are running."
)


def explain(error: BaseException) -> str | None:
    """What to start or to write, or None where only the traceback helps."""
    if isinstance(error, ImproperlyConfigured | EmbeddedServerError):
        return str(error)
    if isinstance(error, redis.exceptions.ConnectionError | kombu.exceptions.OperationalError):
        return NO_BROKER
    if isinstance(error, OperationalError) and _is_away(getattr(error.__cause__, "sqlstate", None)):
        return NO_DATABASE
    return None


def _is_away(sqlstate: str | None) -> bool:
    """Whether no server could be asked, or it shuts down or starts up (PostgreSQL, Appendix A: 57P01 to 57P03)."""
    return sqlstate is None or sqlstate in {"57P01", "57P02", "57P03"}
