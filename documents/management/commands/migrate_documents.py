"""`manage.py migrate_documents`: all documents of a folder through one version of a prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.management.filling import Filling, Wish
from documents.management.folders import Folder, look_through, source_of
from documents.management.following import Follower, line
from documents.management.results_files import problem_with, write_results
from documents.models import Batch
from documents.models.batch import BatchState
from documents.services import batches
from documents.services.progress import Progress
from prompts.exceptions import DomainError
from prompts.management.people import REFUSED, find_user, refuse

UNANSWERED = 1
PAUSED = 3
STOPPED = 130
#: Of what was left out; the rest is counted.
MOST_LISTED = 20
GO_ON = "Start the same command again to follow it and to write its results."


class Command(BaseCommand):
    help = (
        "Ask about each document below a folder, and wait for the answers. Started again, it goes on with the same "
        "batch: files that are new are added, and nothing is asked twice. Exit code: 0 every document was answered, "
        "1 some were not, 2 the input was refused, 3 the batch is paused, 130 stopped by Ctrl-C (the batch goes on)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("folder", type=Path, help="where the documents are; folders in it are looked through as well")
        add("--type", required=True, help="slug of the prompt type, for example ocr_extraction")
        add("--version", type=int, metavar="N", help="this version, active or not (default: the active one)")
        add("--model", default="", help="provider/model; see list_models")
        add("--purpose", default="", help="why it is asked")
        add("--user", default="", help="who asks (default: the first superuser)")
        add("--out", type=Path, metavar="FILE", help="write the results to this .csv or .jsonl file at the end")
        add("--new", action="store_true", help="start another batch, even if this folder has one")
        add("--retry", action="store_true", help="ask again about documents that failed")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own --version, of Django, gives way to the prompt's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        self._filling: Filling | None = None
        try:
            self._migrate(options)
        except KeyboardInterrupt:
            raise CommandError(_stopped(self._filling), returncode=STOPPED) from None

    def _migrate(self, options: dict[str, Any]) -> None:
        root, out = options["folder"], options["out"]
        wish, folder = _wish(options), _looked_through(root, out)
        self._filling = Filling(wish, wish.find(), folder, root)
        try:
            batch = self._filled(self._filling, folder)
            self._go_on(batch, wish, retry=options["retry"])
            progress = Follower(self._say, on_terminal=self.stderr.isatty()).follow(batch)
        except DomainError as error:
            raise CommandError(str(error.message), returncode=REFUSED) from error
        if out is not None:
            self._write(batch, out)
        self._end(batch, progress)

    def _say(self, text: str) -> None:
        """What is no result, and no error either."""
        self.stderr.write(text, style_func=str)

    def _filled(self, filling: Filling, folder: Folder) -> Batch:
        """The batch with all files of the folder in it."""
        if filling.batch is None:
            filling.wish.check()
        else:
            self._say(f"Going on with batch {filling.batch.pk} ({filling.batch.version}).")
        for number in filling.step():
            if number % 500 == 0:
                self._say(f"{number} of {len(folder.files)} files looked at …")
        self._tell_of(filling, folder)
        if filling.batch is None:
            refuse("There is no document in this folder that can be read.")
        return filling.batch

    def _tell_of(self, filling: Filling, folder: Folder) -> None:
        for name, reason in folder.left_out[:MOST_LISTED]:
            self._say(f"Left out: {name}: {reason}")
        if (more := len(folder.left_out) - MOST_LISTED) > 0:
            self._say(f"Left out: {more} more files.")
        doubles = f", {filling.doubles} have the content of another file" if filling.doubles else ""
        self._say(f"{filling.added} files added, {filling.known} are in the batch already{doubles}.")

    def _go_on(self, batch: Batch, wish: Wish, *, retry: bool) -> None:
        """Whoever starts the command wants the batch to go on."""
        if retry and (number := batches.retry_failed(batch.pk, actor=wish.user)):
            self._say(f"{number} documents that failed are asked again.")
        batch.refresh_from_db(fields=["state"])
        if batch.state == BatchState.PAUSED:
            batches.resume(batch.pk, actor=wish.user)
            self._say("The batch was paused; it goes on.")

    def _write(self, batch: Batch, out: Path) -> None:
        try:
            write_results(batch, out)
        except OSError as error:
            raise CommandError(f"{out} can't be written: {error.strerror}. {GO_ON}", returncode=REFUSED) from error
        self._say(f"Results: {out}")

    def _end(self, batch: Batch, progress: Progress) -> None:
        """What came of it, on standard output; the exit code says the same."""
        self.stdout.write(f"Batch {batch.pk}: {line(progress)}.")
        if batch.state == BatchState.PAUSED:
            why = f"{batch.get_pause_reason_display()}. {batch.pause_detail}".strip()
            raise CommandError(f"The batch is paused: {why} Start the same command again to go on.", returncode=PAUSED)
        if progress.completed < progress.total:
            left = progress.total - progress.completed
            text = f"{left} documents have no answer. Start the same command with --retry to ask again."
            raise CommandError(text, returncode=UNANSWERED)


def _wish(options: dict[str, Any]) -> Wish:
    return Wish(
        user=find_user(options["user"]),
        prompt_type=options["type"],
        source=source_of(options["folder"]),
        version_number=options["version"],
        model=options["model"],
        purpose=options["purpose"],
        is_new=options["new"],
    )


def _looked_through(root: Path, out: Path | None) -> Folder:
    """What is in the folder. Refuses before anything is stored what could not be done in the end."""
    if not root.is_dir():
        refuse(f"{root} is no folder.")
    if out is not None and (problem := problem_with(out)):
        refuse(problem)
    folder = look_through(root)
    if len(folder.files) > settings.BATCH_MAX_DOCUMENTS:
        most = settings.BATCH_MAX_DOCUMENTS
        refuse(f"There are {len(folder.files)} files; a batch holds {most} (BATCH_MAX_DOCUMENTS). Split the folder.")
    return folder


def _stopped(filling: Filling | None) -> str:
    if filling is None or filling.batch is None:
        return "Stopped. No batch was started. Start the same command again."
    return f"Stopped watching. The batch goes on: {filling.batch.pk}. {GO_ON}"
