"""`manage.py translations`: bring the translations to what the code says, and compile them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Bring locale/*/LC_MESSAGES/django.po to the code, compile them, and list what is to translate."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from config import catalogues
        except ModuleNotFoundError as error:
            raise CommandError(f"{error}. Install requirements-dev.txt first.") from error
        for language in catalogues.LANGUAGES:
            missing = catalogues.untranslated(catalogues.update(language))
            catalogues.compile_catalogue(language)
            self.stdout.write(f"{language}: {len(missing)} texts to translate")
            for message in missing:
                self.stdout.write(f"  {message.id!r}")
