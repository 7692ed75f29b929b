"""Where uploads wait until they are looked at."""

from __future__ import annotations

from pathlib import Path


def upload_folder(media: Path) -> Path | None:
    """A folder for this account alone in the one of the documents, made where it is missing.

    None where it can't be made: migrations, say, need no documents. Uploads then wait in the system's own one.
    """
    folder = media / "uploads"
    try:
        for missing in (media.parent, media, folder):
            missing.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder
