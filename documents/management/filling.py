"""Bringing the files of a folder into its batch, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import connection, transaction
from django.db.models import QuerySet

from documents.management.folders import Folder, opened, sha256_of, shown
from documents.models import Batch, Document
from documents.services import batches
from documents.services.pinning import pin
from documents.services.storing import add_document
from prompts.exceptions import InvalidInput

#: What is lost of the work at most when the command is killed: these files are stored, but in no batch yet.
FILES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new batch is to be; `is_new` asks for one even where the source has one already."""

    user: AbstractUser
    prompt_type: str
    source: str
    version_number: int | None
    model: str
    purpose: str
    is_new: bool = False

    def check(self) -> None:
        """Raise what `create_batch` would, before any file is stored for nothing."""
        pin(self.prompt_type, self.version_number, model=self.model)

    def start(self, documents: Sequence[Document]) -> Batch:
        """Start it over these documents. Raises what `create_batch` raises."""
        return batches.create_batch(
            user=self.user,
            prompt_type=self.prompt_type,
            documents=documents,
            version_number=self.version_number,
            model=self.model,
            purpose=self.purpose,
            source=self.source,
        )

    def find(self) -> Batch | None:
        """The last batch of this source that was not cancelled, with the version and the model where they are named."""
        if self.is_new:
            return None
        same: dict[str, Any] = {"user": self.user, "prompt_type": self.prompt_type, "source": self.source}
        if self.version_number is not None:
            same["version__version_number"] = self.version_number
        if self.model:
            same["model"] = self.model
        rows = Batch.objects.select_related("version").filter(**same).exclude(state="cancelled")
        return rows.order_by("-created_at").first()

    def lock(self) -> None:
        """Until the end of the transaction nobody else starts or fills a batch of this source."""
        key = f"{self.user.pk} {self.prompt_type} {self.source}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('documents of a source'), hashtext(%s))", [key])


class Filling:
    """Stores the files that the batch hasn't, by their content, and puts them into it as it goes.

    `batch` is None until the first files are in; `added`, `known` and `doubles` count files, and `folder.left_out`
    gets what can't be used.
    """

    def __init__(self, wish: Wish, batch: Batch | None, folder: Folder, root: Path) -> None:
        self.batch = batch
        self.added = self.known = self.doubles = 0
        self.wish, self._folder, self._root = wish, folder, root
        self._here = set(_contents(batch)) if batch else set()
        self._new: set[str] = set()

    def step(self) -> Iterator[int]:
        """Take file after file; yields how many were looked at. Raises what starting the batch raises."""
        waiting: list[Document] = []
        for number, path in enumerate(self._folder.files, start=1):
            document = self._take(path)
            if document is not None:
                waiting.append(document)
            if len(waiting) == FILES_AT_ONCE or (waiting and number == len(self._folder.files)):
                self._put(waiting)
                waiting = []
            yield number
        if waiting:
            self._put(waiting)

    def _take(self, path: Path) -> Document | None:
        name = path.relative_to(self._root)
        try:
            with opened(path) as file:
                sha256 = sha256_of(file)
                if self._is_there(sha256):
                    return None
                document = add_document(user=self.wish.user, name=shown(name), content=file)
        except OSError as error:
            self._folder.left_out.append((shown(name), f"can't be read: {error.strerror}"))
        except InvalidInput as error:
            self._folder.left_out.append((shown(name), str(error.message)))
        else:
            self._new.add(sha256)
            return document
        return None

    def _is_there(self, sha256: str) -> bool:
        self.known += sha256 in self._here
        self.doubles += sha256 in self._new
        return sha256 in self._here or sha256 in self._new

    @transaction.atomic
    def _put(self, documents: list[Document]) -> None:
        """Of two commands at once, one starts the batch and the other goes on with it: none asks twice."""
        self.wish.lock()
        batch = self.batch or self.wish.find()
        here = self._here_of(batch, documents) if batch else set()
        fresh = [document for document in documents if document.file.sha256 not in here]
        if batch is None:
            batch = self.wish.start(fresh)
        elif fresh:
            batches.add_documents(batch.pk, fresh, actor=self.wish.user)
        self.batch = batch
        self.added += len(fresh)
        self.known += len(documents) - len(fresh)

    @staticmethod
    def _here_of(batch: Batch, documents: list[Document]) -> set[str]:
        """Which of these contents somebody else has put into the batch meanwhile."""
        contents = [document.file.sha256 for document in documents]
        return set(_contents(batch).filter(document__file__sha256__in=contents))


def _contents(batch: Batch) -> QuerySet[Any, str]:
    return batch.items.values_list("document__file__sha256", flat=True)
