"""The page on which a version is tried out."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from prompts import powers
from prompts.admin import version_display
from prompts.admin.version_forms import TrialForm, show_error
from prompts.admin.version_pages import VersionPages, as_fieldset, asking
from prompts.exceptions import DomainError, InvalidInput
from prompts.models import PromptRequest, PromptVersion
from prompts.rendering import placeholders
from prompts.services import submission
from prompts.services.inputs import resolve_model


class TrialPages(VersionPages):
    """Sending a text through a version, whether it is active or not."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.test_view)
        return [path("<int:identifier>/test/", view, name="prompts_promptversion_test"), *super().get_urls()]

    @asking
    def test_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Ask for what fills the placeholders; show the request that was sent with it."""
        return self.work_on(request, identifier, self._try_out, power=powers.writes_versions)

    def trial_form(self, request: HttpRequest, version: PromptVersion) -> TrialForm:
        """What is asked for: a value for each placeholder."""
        return TrialForm(placeholders(version.template), request.POST if request.method == "POST" else None)

    def send_trial(self, request: HttpRequest, version: PromptVersion, form: TrialForm) -> PromptRequest:
        """The sandbox request with what was entered. Raises what `submit` raises."""
        return submission.submit(
            user=request.user,
            prompt_type=version.prompt_type_id,
            variables=form.cleaned_data,
            version_number=version.version_number,
            is_sandbox=True,
        )

    def _try_out(self, request: HttpRequest, version: PromptVersion) -> HttpResponse:
        form = self.trial_form(request, version)
        if request.method == "POST" and (sent := self._sent(request, version, form)):
            messages.success(request, _("The test was sent. Its answer appears here, and on the page of the version."))
            return HttpResponseRedirect(reverse("admin:prompts_promptrequest_change", args=[sent.pk]))
        title = _("Test %(version)s") % {"version": version_display.number(version)}
        return self.page(
            request, version, "test", title, form=form, fieldset=as_fieldset(form), model=_model_of(version)
        )

    def _sent(self, request: HttpRequest, version: PromptVersion, form: TrialForm) -> PromptRequest | None:
        """The sandbox request, or None with the errors at their fields."""
        if not form.is_valid():
            return None
        try:
            with transaction.atomic():
                return self.send_trial(request, version, form)
        except DomainError as error:
            show_error(form, error)
            return None


def _model_of(version: PromptVersion) -> str:
    """The model that a test goes to. One that is not there any more is refused when the test is sent."""
    asked = version.model or version.prompt_type.default_model
    try:
        return resolve_model(asked)[1]
    except InvalidInput:
        return asked
