"""The catalogues of translated texts: extracted, merged and compiled without the programs of gettext.

Needs Babel, which is among the development requirements.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGES = ("ar", "th")
#: Each language has a catalogue for each of them: that of Python and templates, and that of Django's scripts.
DOMAINS = ("django", "djangojs")
OF_SCRIPTS = "config/borrowed_script_texts.py"
NOT_TRANSLATED = {"tests", "migrations", "benchmarks", "docs", "locale"}
LAZY = {f"{name}_lazy": spec for name, spec in DEFAULT_KEYWORDS.items()} | {"gettext_noop": None}
KEYWORDS = DEFAULT_KEYWORDS | LAZY


def path_of(language: str, domain: str, suffix: str) -> Path:
    """Where the catalogue of `language` lies; `suffix` is "po" or "mo"."""
    return Path(settings.BASE_DIR, "locale", language, "LC_MESSAGES", f"{domain}.{suffix}")


def template(domain: str) -> Catalog:
    """Every text that the code and the templates want translated."""
    catalogue = Catalog(project="AI Prompt Manager", charset="utf-8")
    for path in sorted(_sources(Path(settings.BASE_DIR))):
        name = path.relative_to(settings.BASE_DIR).as_posix()
        if (name == OF_SCRIPTS) == (domain == "djangojs"):
            for _line, text, comments, context in _texts(path):
                catalogue.add(text, None, [(name, 0)], auto_comments=comments, context=context)
    return catalogue


def read(language: str, domain: str) -> Catalog:
    """The catalogue of `language` as it is kept."""
    with path_of(language, domain, "po").open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, domain: str) -> Catalog:
    """Bring the kept catalogue to what the code wants: new texts come in empty, unused ones go."""
    catalogue = read(language, domain)
    wanted = template(domain)
    catalogue.update(wanted, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalogue.obsolete.clear()
    with path_of(language, domain, "po").open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, sort_by_file=True, omit_header=False)
    return catalogue


def compiled(language: str, domain: str) -> bytes:
    """The kept catalogue in the binary form that Django reads."""
    file = BytesIO()
    write_mo(file, read(language, domain))
    return file.getvalue()


def compile_catalogue(language: str, domain: str) -> None:
    """Write the binary form beside the text form."""
    path_of(language, domain, "mo").write_bytes(compiled(language, domain))


def untranslated(catalogue: Catalog) -> list[Message]:
    """Messages without a translation, or with one that somebody has to check."""
    return [message for message in catalogue if message.id and (message.fuzzy or not _is_complete(message))]


def _is_complete(message: Message) -> bool:
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(forms)


def _sources(root: Path) -> Iterator[Path]:
    rooms = (path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    for path in (path for room in rooms for path in room.rglob("*")):
        if path.suffix in {".py", ".html"} and NOT_TRANSLATED.isdisjoint(path.relative_to(root).parts):
            yield path


def _texts(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    source = path.read_text()
    if path.suffix == ".html":
        # Django turns a template into something like Python, but for the indentation.
        source = "\n".join(line.strip() for line in templatize(source).splitlines())
    yield from extract("python", BytesIO(source.encode()), keywords=KEYWORDS)
