"""An answer as it is shown: rendered, as a tree, and as it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts import answers, markdown
from prompts.admin import display
from prompts.admin.json_tree import JsonTree
from prompts.models import PromptRequest, PromptResponse

#: Longer ones are no tree that anybody looks through.
MOST_PARSED = 200_000


@dataclass(frozen=True, slots=True)
class View:
    """One way of showing an answer; the first one is chosen from the start."""

    name: str
    label: str
    html: SafeString
    note: str = ""


def views(request: PromptRequest, response: PromptResponse) -> list[View]:
    """The ways that this answer can be shown: the one that fits it best first, as it came last."""
    if request.texts_erased_at is not None:
        return [View("raw", _("As it came"), display.erased(request))]
    text = response.response_text
    raw = View("raw", _("As it came"), display.long_text(text, request_id=response.prompt_id))
    found = _json_in(text)
    tree = [_tree(found)] if found is not None else []
    is_json = bool(tree) and text.lstrip().startswith(("{", "```"))
    return [*tree, raw] if is_json else [*_markdown(text), *tree, raw]


def _json_in(text: str) -> dict[str, Any] | None:
    return answers.parse_object(text) if len(text) <= MOST_PARSED else None


def _tree(found: dict[str, Any]) -> View:
    tree = JsonTree(found)
    return View("tree", _("JSON tree"), tree.html, _("Not all of it is shown here.") if tree.is_cut else "")


def _markdown(text: str) -> list[View]:
    """The rendered text, where that is another view than the text itself."""
    if markdown.is_plain(text):
        return []
    html = format_html('<div class="markdown" dir="auto">{}</div>', markdown.rendered(text))
    note = _("This is its beginning.") if len(text) > markdown.MOST_CHARACTERS else ""
    return [View("markdown", _("Markdown"), html, note)]
