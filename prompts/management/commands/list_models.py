"""`manage.py list_models`: what can be asked for here."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers import registry
from providers.exceptions import ConfigurationError


class Command(BaseCommand):
    help = "List the models that requests can name, with their providers. The default is marked with *."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        models = registry.available_models()
        if not models:
            raise CommandError(
                "No model can be used. Set a vendor's key, such as OPENAI_API_KEY, or SIMULATOR_ENABLED=1."
            )
        default = _default()
        width = max(len(model.name) for model in models)
        for model in models:
            mark = "*" if model.name == default else " "
            self.stdout.write(f"{mark} {model.name:<{width}}  {model.provider}")


def _default() -> str:
    try:
        return registry.default_model()
    except ConfigurationError:
        return ""
