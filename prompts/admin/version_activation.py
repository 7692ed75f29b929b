"""The page that shows what an activation would change, and asks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prompts import powers
from prompts.admin import version_display
from prompts.admin.base import in_words
from prompts.admin.differences import differences
from prompts.admin.version_forms import ActivationForm, show_error
from prompts.admin.version_page import active_version, last_test
from prompts.admin.version_pages import VersionPages, as_fieldset, asking, to_version
from prompts.exceptions import Conflict, GateClosed, InvalidInput, ReviewRequired
from prompts.models import PromptVersion
from prompts.services import gates, lifecycle
from prompts.services.lifecycle import Activation


class ActiveVersionChanged(Conflict):
    """Another version became the active one after its reader was shown the differences."""

    user_message = gettext_lazy("The active version has changed in the meantime.")


class ActivationPages(VersionPages):
    """Activating a version, an older one too."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.activate_view)
        return [path("<int:identifier>/activate/", view, name="prompts_promptversion_activate"), *super().get_urls()]

    @asking
    def activate_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Show the differences to the active version; put this one in its place once that is confirmed."""
        view = self._activate if request.method == "POST" else self._ask
        return self.work_on(request, identifier, view, power=powers.manages_all)

    def _ask(self, request: HttpRequest, version: PromptVersion, form: ActivationForm | None = None) -> HttpResponse:
        active = active_version(version.prompt_type_id)
        if version.is_active:
            messages.info(request, _already_active(version))
            return to_version(version)
        needs_review = version.prompt_type.requires_review
        is_own = needs_review and version.is_by(request.user)
        objections = gates.objections(version)
        form = form or _form(version, initial={"replaced": active.version_number if active else None})
        return self.page(
            request,
            version,
            "activation",
            _("Activate %(version)s") % {"version": version_display.number(version)},
            form=form,
            fieldset=as_fieldset(form) if is_own or objections else None,
            needs_review=needs_review,
            is_own=is_own,
            objections=objections,
            active=active,
            active_name=version_display.number(active) if active else "",
            differences=differences(active, version) if active else [],
            template=version_display.template(version.template),
            last_test=last_test(version),
            workbench=version_display.workbench_address(version.prompt_type, version),
        )

    def _activate(self, request: HttpRequest, version: PromptVersion) -> HttpResponse:
        form = _form(version, request.POST)
        if not form.is_valid():
            return self._ask(request, version, form)
        try:
            done = self._activated(request, version, form.cleaned_data)
        except ActiveVersionChanged as error:
            messages.error(request, in_words(error))
            return HttpResponseRedirect(request.path)
        except (ReviewRequired, GateClosed):
            # The page itself says what stands in the way.
            form.add_error("bypass_reason", _("Say why; a few words are enough."))
            return self._ask(request, version, form)
        except InvalidInput as error:
            show_error(form, error)
            return self._ask(request, version, form)
        messages.success(request, _done(done)) if done.changed else messages.info(request, _already_active(version))
        return HttpResponseRedirect(version_display.workbench_address(version.prompt_type, version))

    def _activated(self, request: HttpRequest, version: PromptVersion, entered: dict[str, object]) -> Activation:
        """The service looks at the active version under its lock; if that isn't the one shown, nothing is changed."""
        with transaction.atomic():
            done = lifecycle.activate_version(
                version.prompt_type_id,
                version.version_number,
                actor=request.user,
                bypass_reason=str(entered["bypass_reason"]),
            )
            if done.changed:
                _check_replaced(done.previous, entered["replaced"])
                self.log_change(request, version, [{"changed": {"fields": [_("active")]}}])
        return done


def _form(version: PromptVersion, *args: Any, **kwargs: Any) -> ActivationForm:
    """Whose reason is for what stands in the way of this version."""
    form = ActivationForm(*args, **kwargs)
    if gates.objections(version):
        form.fields["bypass_reason"].label = _("Reason for activating it all the same")
    return form


def _check_replaced(previous: PromptVersion | None, shown: object) -> None:
    if (previous.version_number if previous else None) != shown:
        raise ActiveVersionChanged(_("Look at the differences again, then decide."))


def _already_active(version: PromptVersion) -> str:
    return _("%(version)s is the active version already. Nothing was changed.") % {
        "version": version_display.number(version)
    }


def _done(done: Activation) -> str:
    """What was done, with the way back."""
    text = _("%(version)s is the active version now.") % {"version": version_display.number(done.version)}
    if done.previous is None:
        return text
    former = {"version": version_display.number(done.previous)}
    return format_html(
        '{} {} <a class="button" href="{}">{}</a>',
        text,
        _("To go back, activate %(version)s again.") % former,
        version_display.address(done.previous, "activate"),
        _("Activate %(version)s") % former,
    )
