"""What is told of a draft while it is typed, by the same rules that hold when it is saved."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts import comparison, rendering
from prompts.admin import display, version_display
from prompts.admin.version_forms import SERVICE_NAMES, show_error
from prompts.admin.workbench.editor import DraftForm
from prompts.exceptions import InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.rendering import Placeholder, TemplateError
from prompts.services import version_rules
from prompts.services.inputs import in_braces, resolve_model


@dataclass(frozen=True, slots=True)
class Required:
    """A placeholder that the type requires, and whether the template has it."""

    name: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the draft can't be saved: the field, and what is wrong there."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of a draft."""

    required: list[Required]
    others: list[str]
    length: str
    model: SafeString | str
    changes: SafeString | str
    problems: list[Problem]
    newer: PromptVersion | None

    @property
    def summary(self) -> str:
        """The one line that is read aloud."""
        if self.problems:
            return _("It can't be saved yet.")
        return _("It can be saved.")


def report(kind: PromptType, form: DraftForm, loaded: PromptVersion | None) -> Report:
    """What there is to say about what was entered. The errors are put at the fields of the form, too."""
    form.is_valid()
    draft = form.draft(kind)
    for problem in version_rules.problems(draft, kind):
        if not form.errors.keys() & _fields_of(problem, form):
            show_error(form, problem)
    names = _placeholders(draft.template)
    return Report(
        required=[Required(in_braces([name]), name in names) for name in kind.required_placeholders],
        others=[in_braces([name]) for name in names if name not in kind.required_placeholders],
        length=_length(draft.template, kind.max_template_length),
        model="" if "model" in form.errors else _model(draft, kind),
        changes=_changes(loaded, draft) if loaded else "",
        problems=_problems(form),
        newer=_newer(kind, form),
    )


def _fields_of(problem: InvalidInput, form: DraftForm) -> set[str]:
    """The form's names of the fields that a problem is about."""
    return {SERVICE_NAMES.get(name, name) for name in problem.errors} & form.fields.keys()


def _placeholders(template: str) -> list[str]:
    """The names up to the first mistake, each once."""
    found: dict[str, None] = {}
    with suppress(TemplateError):
        for piece in rendering.parse(template):
            if isinstance(piece, Placeholder):
                found[piece.name] = None
    return list(found)


def _length(template: str, limit: int) -> str:
    return _("%(length)s of %(limit)s characters") % {
        "length": formats.number_format(len(template), force_grouping=True),
        "limit": formats.number_format(limit, force_grouping=True),
    }


def _model(draft: PromptVersion, kind: PromptType) -> SafeString | str:
    """Which model is asked; a default that isn't configured here is told, but keeps nobody from saving."""
    try:
        _alias, name = resolve_model(draft.model or kind.default_model)
    except InvalidInput as error:
        return str(error.message)
    shown = display.code(name)
    return shown if draft.model else format_html("{} ({})", shown, _("by default"))


def _changes(loaded: PromptVersion, draft: PromptVersion) -> SafeString:
    """In one line what differs from the version that was loaded."""
    parts = [part for part in (_changed_lines(loaded, draft), *_changed_fields(loaded, draft)) if part]
    if not parts:
        return format_html("{}", _("The same as %(version)s.") % {"version": version_display.number(loaded)})
    told = _("Changed since %(version)s:") % {"version": version_display.number(loaded)}
    return format_html("{} {}", told, format_html_join(", ", "{}", ((part,) for part in parts)))


def _changed_lines(loaded: PromptVersion, draft: PromptVersion) -> SafeString | None:
    if loaded.template == draft.template:
        return None
    ops = [line.op for line in comparison.compare(loaded.template, draft.template)]
    added, removed = ops.count(comparison.INSERT), ops.count(comparison.DELETE)
    return format_html('{} <bdi dir="ltr">+{} −{}</bdi>', _("Template"), added, removed)


def _changed_fields(loaded: PromptVersion, draft: PromptVersion) -> list[str]:
    pairs = [
        (_("Model"), loaded.model, draft.model),
        (_("Parameters"), loaded.parameters, draft.parameters),
        (_("Field schema"), loaded.field_schema, draft.field_schema),
    ]
    return [label for label, before, after in pairs if before != after]


def _problems(form: DraftForm) -> list[Problem]:
    visible = [(field.html_name, str(field.label), field.errors) for field in form.visible_fields()]
    shown = [Problem(name, label, str(text)) for name, label, texts in visible for text in texts]
    return [*shown, *(Problem("", "", str(text)) for text in form.non_field_errors())]


def _newer(kind: PromptType, form: DraftForm) -> PromptVersion | None:
    """The newest version, if it was saved after the editor was opened."""
    if kind.version_counter == form.cleaned_data.get("seen"):
        return None
    return PromptVersion.objects.filter(prompt_type=kind, version_number=kind.version_counter).first()
