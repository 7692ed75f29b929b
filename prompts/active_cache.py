"""Active versions kept in this process and in Redis, each with its stamp (docs/decisions/0008-active-version-cache.md).

Neither decides what is fresh: the caller names the stamp that PostgreSQL gave for this very read, and what carries
another one is as good as absent. So nothing that happens to a cache can make a read stale, and nothing here raises.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from prompts.active_version import ActiveVersion, Stamp, from_json, to_json
from prompts.models.prompt_version import template_sha256

logger = logging.getLogger(__name__)

#: Named, with its lifetime, in ADR-029; other programs may look there.
KEY = "ai:prompt:active:{}"
LIFETIME_SECONDS = 60
TIMEOUT_SECONDS = 0.25
#: While Redis is away each call would cost its time-out.
SECONDS_AFTER_FAILURE = 5.0
#: More than any version can have; a foreign value may be half a gigabyte.
MOST_BYTES = 2_000_000
#: A version with the longest template and schema has half a megabyte.
MOST_KEPT = 100

_kept: dict[str, ActiveVersion] = {}
_keeping = threading.Lock()
_silent_until = 0.0


def get(prompt_type: str, stamp: Stamp) -> ActiveVersion | None:
    """The kept version of that stamp, from the process or from Redis."""
    version = _kept.get(prompt_type)
    if version is not None and version.stamp == stamp:
        return version
    version = _shared(prompt_type)
    if version is None or not _is_genuine(version, prompt_type, stamp):
        return None
    _keep(version)
    return version


def put(version: ActiveVersion) -> None:
    """Keep it in the process and, for a minute, in Redis."""
    _keep(version)
    _ask(lambda client: client.set(_key(version.prompt_type), to_json(version), ex=LIFETIME_SECONDS))


def forget(prompt_type: str) -> None:
    """Take it out of Redis, so that nobody who looks there without asking PostgreSQL uses it any longer."""
    _ask(lambda client: client.delete(_key(prompt_type)))


def _is_genuine(version: ActiveVersion, prompt_type: str, stamp: Stamp) -> bool:
    """Signed or not, the template must be the one whose hash PostgreSQL has just given."""
    return (
        version.prompt_type == prompt_type
        and version.stamp == stamp
        and template_sha256(version.template) == stamp.template_sha256
    )


def _shared(prompt_type: str) -> ActiveVersion | None:
    content = _ask(lambda client: client.getrange(_key(prompt_type), 0, MOST_BYTES))
    return from_json(content) if content else None


def _keep(version: ActiveVersion) -> None:
    with _keeping:
        if version.prompt_type not in _kept and len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[version.prompt_type] = version


def _key(prompt_type: str) -> str:
    return KEY.format(prompt_type)


def _ask(command: Callable[[redis.Redis], Any]) -> Any:
    """What Redis answers; None, and then silence for some seconds, when it doesn't."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return None
    try:
        return command(_client())
    except redis.ResponseError:
        # It answers, but another type of value stands in the place; the next `put` replaces that.
        return None
    except (redis.RedisError, OSError) as error:
        _silent_until = time.monotonic() + SECONDS_AFTER_FAILURE
        logger.warning("Redis does not answer (%s); active versions come from PostgreSQL.", type(error).__name__)
        return None


@cache
def _client() -> redis.Redis:
    """Connections that give up soon and try nothing twice."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), retries=0),
    )
