"""`manage.py translations`: bring the translations to what the code says, and compile them."""

from __future__ import annotations

from itertools import product
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Bring locale/*/LC_MESSAGES/*.po to the code, compile them, and list what is to translate."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from config import catalogues
        except ModuleNotFoundError as error:
            raise CommandError(f"{error}. Install requirements-dev.txt first.") from error
        for language, domain in product(catalogues.LANGUAGES, catalogues.DOMAINS):
            missing = catalogues.untranslated(catalogues.update(language, domain))
            catalogues.compile_catalogue(language, domain)
            self.stdout.write(f"{language}, {domain}: {len(missing)} texts to translate")
            for message in missing:
                self.stdout.write(f"  {message.id!r}")
