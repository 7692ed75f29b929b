"""What a labelled set may hold."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from documents.models import Document
from documents.models.labelled_set import SET_NAME_PATTERN
from prompts.exceptions import InvalidInput
from prompts.services.inputs import is_storable

MOST_FIELDS = 200
MAX_FIELD_NAME_LENGTH = 100
MAX_VALUE_LENGTH = 10_000
#: JSON's numbers are exact up to here, in whatever program.
LARGEST_NUMBER = 2**53 - 1
#: Of many problems, so many are told.
MOST_NAMED = 20

Labelled = tuple[Document, dict[str, Any]]


def check_name(name: str) -> None:
    """Raise InvalidInput on `name` for what can't be the name of a set."""
    if not re.fullmatch(SET_NAME_PATTERN, name):
        raise InvalidInput.on("name", _("Use lower-case letters, digits, hyphens and underscores."))


def check_labelled(labelled: Sequence[Labelled]) -> None:
    """Raise InvalidInput on `labels` or `documents` that names each document and what is wrong with it."""
    limit = settings.BATCH_MAX_DOCUMENTS
    if not 1 <= len(labelled) <= limit:
        raise InvalidInput.on("labels", _("A set has 1 to %(limit)d documents.") % {"limit": limit})
    refuse_any("labels", [f"{document.name}: {text}" for document, fields in labelled for text in _problems(fields)])
    times = Counter(document.file.sha256 for document, _fields in labelled)
    if twice := [document.name for document, _fields in labelled if times[document.file.sha256] > 1]:
        text = _("These are the same file, which can count only once: %(names)s.")
        raise InvalidInput.on("documents", text % {"names": ", ".join(twice[:MOST_NAMED])})


def refuse_any(field: str, problems: Sequence[str]) -> None:
    """Raise InvalidInput on `field` with these problems, unless there are none."""
    if problems:
        raise InvalidInput(" ".join(problems[:MOST_NAMED]), errors={field: problems[:MOST_NAMED]})


def _problems(expected: dict[str, Any]) -> list[str]:
    if not 1 <= len(expected) <= MOST_FIELDS:
        return [_("It needs 1 to %(limit)d expected fields.") % {"limit": MOST_FIELDS}]
    if not all(0 < len(name) <= MAX_FIELD_NAME_LENGTH and is_storable(name) for name in expected):
        limit = {"limit": MAX_FIELD_NAME_LENGTH}
        return [_("The name of a field is a text of 1 to %(limit)d characters.") % limit]
    return [
        _("%(name)s: expected is a text of at most %(limit)d characters, a number, true, false or null.")
        % {"name": name, "limit": MAX_VALUE_LENGTH}
        for name, value in expected.items()
        if not _is_usable(value)
    ]


def _is_usable(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_VALUE_LENGTH and is_storable(value)
    if isinstance(value, (int, float)):
        return math.isfinite(value) and abs(value) <= LARGEST_NUMBER
    return value is None
