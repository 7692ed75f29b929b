"""Forms with files, as clients send them."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient


def a_file(content: bytes | str = "Total 12.00", name: str = "receipt.txt") -> SimpleUploadedFile:
    """A text file, unless other content is given."""
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def an_archive(**files: bytes | str) -> SimpleUploadedFile:
    """A ZIP archive of these text files, by their names without the ending."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.txt", content)
    return a_file(packed.getvalue(), "receipts.zip")


def send(client: APIClient, path: str, form: dict[str, Any], key: str = "") -> Any:
    """POST a form with files; `key` is its Idempotency-Key."""
    return client.post(path, form, format="multipart", headers={"Idempotency-Key": key} if key else {})
