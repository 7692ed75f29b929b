"""Redis for what can be done without: asked with short time-outs, and left alone for a while once it failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.25
#: While Redis is away each call would cost its time-out.
SECONDS_AFTER_FAILURE = 5.0


class QuietRedis:
    """Never raises. `consequence` tells the log what it means that Redis doesn't answer."""

    def __init__(self, consequence: str) -> None:
        self._consequence = consequence
        self._silent_until = 0.0

    def ask(self, command: Callable[[redis.Redis], Any]) -> Any:
        """What `command` returns; None, and then nothing is asked for some seconds, where Redis fails."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            return command(self._client)
        except redis.ResponseError:
            # It answers, but another type of value stands in the place.
            return None
        except (redis.RedisError, OSError) as error:
            self._silent_until = time.monotonic() + SECONDS_AFTER_FAILURE
            logger.warning("Redis does not answer (%s); %s.", type(error).__name__, self._consequence)
            return None

    @cached_property
    def _client(self) -> redis.Redis:
        """Connections that give up soon and try nothing twice."""
        return redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), retries=0),
        )
