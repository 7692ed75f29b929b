"""How long a body may be where documents are brought in, and what it may cost before somebody is known."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpResponse
from django.test import Client, RequestFactory

from config.media import upload_folder
from config.middleware import BodyLimitMiddleware
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of

LIMIT, UPLOAD_LIMIT = 1000, 5000
FORM = "multipart/form-data; boundary=x"


@pytest.fixture(autouse=True)
def small(settings: Any) -> None:
    settings.MAX_BODY_BYTES = LIMIT
    settings.UPLOAD_MAX_BYTES = UPLOAD_LIMIT


def status(path: str, length: int, content_type: str = FORM) -> int:
    request = RequestFactory().post(path, data=b"x" * length, content_type=content_type)
    return BodyLimitMiddleware(lambda request: HttpResponse())(request).status_code


@pytest.mark.parametrize(
    "path",
    [
        "/api/ai/documents",
        "/api/ai/documents/",
        "/api/ai/documents/batches/",
        "/api/ai/prompts/ocr_extraction/3/sandbox",
        "/api/ai/prompts/ocr_extraction/sandbox/",
        "/admin/documents/document/add/",
        "/admin/prompts/promptversion/1/try/",
        "/admin/prompts/prompttype/1/workbench/file/",
    ],
)
def test_documents_may_be_longer_than_other_bodies(path: str) -> None:
    assert status(path, UPLOAD_LIMIT) == 200
    assert status(path, UPLOAD_LIMIT + 1) == 413


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/api/ai/documents/", "application/json"),
        ("/api/ai/documents/", "text/plain; x=multipart/form-data"),
        ("/api/ai/prompts/", FORM),
        ("/api/ai/documentsx/", FORM),
        ("/api/token/", FORM),
        ("/admin/login/", FORM),
        ("/admin/prompts/prompttype/add/", FORM),
        ("/admin/prompts/prompttype/1/workbench/", FORM),
    ],
)
def test_nothing_else_may(path: str, content_type: str) -> None:
    assert status(path, LIMIT, content_type) == 200
    assert status(path, LIMIT + 1, content_type) == 413


def test_an_upload_that_does_not_say_its_length_is_no_upload() -> None:
    request = RequestFactory().post("/api/ai/documents/", data=b"x" * (LIMIT + 1), content_type=FORM)
    del request.META["CONTENT_LENGTH"]
    request.META["HTTP_TRANSFER_ENCODING"] = "chunked"
    assert BodyLimitMiddleware(lambda request: HttpResponse())(request).status_code == 413


def test_the_refusal_names_the_limit_that_counts() -> None:
    request = RequestFactory().post("/api/ai/documents/", data=b"x" * (UPLOAD_LIMIT + 1), content_type=FORM)
    answer = BodyLimitMiddleware(lambda request: HttpResponse())(request)
    assert str(UPLOAD_LIMIT) in answer.content.decode()  # type: ignore[attr-defined]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of forms that were read."""
    names: list[str] = []
    new_file = TemporaryFileUploadHandler.new_file

    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        names.append(str(args[1]))
        new_file(self, *args, **kwargs)

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", noted)
    return names


def form(length: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    return head + b"x" * length + b"\r\n--x--\r\n"


@pytest.mark.parametrize("path", ["/api/ai/documents/", "/admin/documents/document/add/"])
def test_what_nobody_uploads_is_not_read(db: None, settings: Any, written: list[str], path: str) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "x" * 32
    answer = client.post(path, data=form(2000), content_type=FORM)
    assert answer.status_code in {401, 413}
    assert not written


def test_what_somebody_uploads_lies_on_the_disk_of_the_documents(db: None, settings: Any, written: list[str]) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    answer = client_of(make_user()).post("/api/ai/documents/", data=form(2000), content_type=FORM)
    assert (answer.status_code, written) == (201, ["a.txt"])
    assert Path(settings.FILE_UPLOAD_TEMP_DIR).parent == Path(settings.MEDIA_ROOT)
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


def test_the_folder_is_for_this_account_alone(tmp_path: Path) -> None:
    folder = upload_folder(tmp_path / "a" / "media")
    assert folder is not None
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}


def test_where_it_can_not_be_made_uploads_wait_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "media").touch()
    assert upload_folder(tmp_path / "media") is None
