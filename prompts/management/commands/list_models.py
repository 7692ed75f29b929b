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
        names = {model.name: model.provider for model in registry.available_models()}
        if not names:
            raise CommandError(
                "No model can be used. Set a vendor's key, such as OPENAI_API_KEY, or SIMULATOR_ENABLED=1."
            )
        default = _default()
        if default:
            # One of a server's own, such as ollama/llama3.2, stands only as ollama/* among the others.
            names = {default: default.partition("/")[0]} | names
        width = max(map(len, names))
        for name, provider in names.items():
            mark = "*" if name == default else " "
            self.stdout.write(f"{mark} {name:<{width}}  {provider}")


def _default() -> str:
    try:
        return registry.default_model()
    except ConfigurationError:
        return ""
