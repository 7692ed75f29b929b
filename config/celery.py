"""The Celery application: wake-ups for the execution engine and the readers, and housekeeping on a schedule."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, bootsteps
from django.core.exceptions import ImproperlyConfigured

from config.garbage import settle_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

#: Options of every worker. What workers tell one another nobody here listens to, and one that starts while the broker
#: goes away would say again and again that it is there, and would not end on TERM meanwhile.
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")

app = Celery("ai_prompt_manager")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def load_what_sending_needs() -> None:
    """Have Celery make now what it would make with the first task that is sent. Nothing is connected to."""
    app.finalize()
    _made_when_first_looked_at = app.backend, app.producer_pool, app.amqp.send_task_message
    app.connection_for_write().get_transport_cls()


class EngineStep(bootsteps.StartStopStep):
    """Runs the execution engine inside the worker process, for as long as the worker runs.

    It belongs to the worker and not to its broker connection: calls go on while the broker is away.
    """

    requires = ("celery.worker.components:Pool",)

    def start(self, worker: Any) -> None:
        from prompts import engine

        if "thread" not in worker.pool_cls.__module__:
            raise ImproperlyConfigured(
                "The worker's engine needs threads. Start it with --pool=threads, or without --pool."
            )
        engine.start(worker_name=worker.hostname, once_loaded=settle_down)

    def stop(self, worker: Any) -> None:
        from prompts import engine

        engine.stop()

    def terminate(self, worker: Any) -> None:
        from prompts import engine

        engine.stop(grace=0)


class SealerStep(bootsteps.StartStopStep):
    """Gives entries of the audit log their places, inside the worker process and also while the broker is away."""

    requires = ("celery.worker.components:Pool",)

    def start(self, worker: Any) -> None:
        from audit import sealer

        sealer.start()

    def stop(self, worker: Any) -> None:
        from audit import sealer

        sealer.stop()

    def terminate(self, worker: Any) -> None:
        self.stop(worker)


class ReaderStep(bootsteps.StartStopStep):
    """Reads documents and drives batches, inside the worker process and also while the broker is away."""

    requires = ("celery.worker.components:Pool",)

    def start(self, worker: Any) -> None:
        from documents import worker as readers

        readers.start()

    def stop(self, worker: Any) -> None:
        from documents import worker as readers

        readers.stop()

    def terminate(self, worker: Any) -> None:
        self.stop(worker)


app.steps["worker"].update({EngineStep, SealerStep, ReaderStep})
