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

AWAY = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, kombu.exceptions.OperationalError)


def explain(error: BaseException) -> str | None:
    """What to start or to write, or None where only the traceback helps."""
    if isinstance(error, ImproperlyConfigured | EmbeddedServerError):
        return str(error)
    return NO_BROKER if _is_brokers(error) else NO_DATABASE if _is_databases(error) else None


def is_away(error: BaseException | None) -> bool:
    """Whether this says that the database or the broker couldn't be asked."""
    return _is_brokers(error) or _is_databases(error)


def _is_brokers(error: BaseException | None) -> bool:
    # More connections than a pool may have are nobody's absence.
    return isinstance(error, AWAY) and not isinstance(error, redis.exceptions.MaxConnectionsError)


def _is_databases(error: BaseException | None) -> bool:
    """No server could be asked, or it shuts down or starts up (PostgreSQL, Appendix A: 57P01 to 57P03)."""
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.__cause__, "sqlstate", None) in {None, "57P01", "57P02", "57P03"}
