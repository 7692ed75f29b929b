"""`manage.py list_prompts`: the versions that there are, and which are used."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import QuerySet
from django.db.models.functions import Left
from rich.console import Console
from rich.table import Table
from rich.text import Text

from prompts import answers
from prompts.management.people import refuse
from prompts.models import PromptType, PromptVersion

BEGINNING = 60
COLUMNS = ("type", "number", "", "template", "model", "author", "created", "last test", "note")


class Command(BaseCommand):
    help = "List the versions of all prompt types, or of one: the newest first. The active ones are marked with *."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", nargs="?", default="", help="slug of the prompt type")
        parser.add_argument("--json", action="store_true", help="print them as JSON, with the whole templates")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["type"]
        known = list(PromptType.objects.values_list("slug", flat=True))
        if slug and slug not in known:
            refuse(f"There is no prompt type {slug!r}. There are: {', '.join(known)}.")
        versions = PromptVersion.objects.filter(deleted_at=None).order_by("prompt_type", "-version_number")
        if slug:
            versions = versions.filter(prompt_type=slug)
        if options["json"]:
            self.stdout.write(json.dumps(list(map(_as_dict, versions.iterator())), indent=2, ensure_ascii=False))
        else:
            self._print(versions)

    def _print(self, versions: QuerySet[PromptVersion]) -> None:
        table = Table(*COLUMNS, box=None, pad_edge=False)
        rows = versions.defer("template", "field_schema", "parameters").annotate(beginning=Left("template", BEGINNING))
        for version in rows.iterator():
            # Text, as rich would take brackets in a template or a note for its own marks.
            table.add_row(*map(Text, _cells(version)))
        # A pipe has no width: nothing is cut there.
        console = Console(width=None if self.stdout.isatty() else 10_000)
        with console.capture() as shown:
            console.print(table)
        self.stdout.write(shown.get(), ending="")


def _cells(version: Any) -> tuple[str, ...]:
    return (
        version.prompt_type_id,
        str(version.version_number),
        "*" if version.is_active else "",
        _line(version.beginning),
        version.model,
        # An imported one is any text: it must not steer the terminal.
        _line(version.author),
        f"{version.created_at:%Y-%m-%d %H:%M}",
        _last_test(version),
        _line(version.manual_note or ""),
    )


def _line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)[:BEGINNING].strip()


def _last_test(version: PromptVersion) -> str:
    if version.last_tested_at is None:
        return ""
    failed = " failed" if answers.is_failure(version.test_result_json or {}) else ""
    return f"{version.last_tested_at:%Y-%m-%d %H:%M}{failed}"


def _as_dict(version: PromptVersion) -> dict[str, Any]:
    return {
        "type": version.prompt_type_id,
        "number": version.version_number,
        "active": version.is_active,
        "template": version.template,
        "template_sha256": version.template_sha256,
        "model": version.model,
        "parameters": version.parameters,
        "field_schema": version.field_schema,
        "author": version.author,
        "note": version.manual_note,
        "test_result": version.test_result_json,
        "created_at": version.created_at.isoformat(),
        "activated_at": version.activated_at.isoformat() if version.activated_at else None,
        "last_tested_at": version.last_tested_at.isoformat() if version.last_tested_at else None,
    }
