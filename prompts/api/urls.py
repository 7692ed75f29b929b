"""The paths below /api/ai/."""

from django.utils.translation import gettext_lazy as _

from prompts.api.active import ActiveVersionView
from prompts.api.catalogue import ModelView, PromptTypeViewSet
from prompts.api.routing import endpoint
from prompts.api.version_uses import DiffView, RenderView
from prompts.api.versions import PromptVersionViewSet
from prompts.api.views import PromptViewSet

urlpatterns = [
    # First: it is asked for most.
    endpoint("prompts/<slug:promptType>/active", ActiveVersionView.as_view(), "active-version"),
    endpoint("prompts/", PromptViewSet.as_view({"get": "list", "post": "create"}, name=_("Prompts")), "prompts"),
    endpoint("prompts/<request_id:id>", PromptViewSet.as_view({"get": "retrieve"}, name=_("Prompt")), "prompt"),
    endpoint(
        "prompts/<request_id:id>/cancel", PromptViewSet.as_view({"post": "cancel"}, name=_("Cancel")), "prompt-cancel"
    ),
    endpoint(
        "prompts/<request_id:id>/replay", PromptViewSet.as_view({"post": "replay"}, name=_("Replay")), "prompt-replay"
    ),
    endpoint(
        "prompts/<request_id:id>/receipt",
        PromptViewSet.as_view({"get": "receipt"}, name=_("Receipt")),
        "prompt-receipt",
    ),
    endpoint("prompts/<slug:promptType>/diff", DiffView.as_view(), "version-diff"),
    endpoint("prompts/<slug:promptType>/render", RenderView.as_view(), "version-render"),
    endpoint(
        "prompts/<prompt_type:promptType>",
        PromptVersionViewSet.as_view({"get": "list", "post": "create"}, name=_("Versions")),
        "prompt-versions",
    ),
    endpoint(
        "prompts/<prompt_type:promptType>/<version_number:versionNumber>",
        PromptVersionViewSet.as_view({"get": "retrieve", "delete": "destroy"}, name=_("Version")),
        "prompt-version",
    ),
    endpoint(
        "prompts/<prompt_type:promptType>/<version_number:versionNumber>/activate",
        PromptVersionViewSet.as_view({"post": "activate"}, name=_("Activate")),
        "version-activate",
    ),
    endpoint(
        "prompts/<prompt_type:promptType>/<version_number:versionNumber>/note",
        PromptVersionViewSet.as_view({"patch": "note"}, name=_("Note")),
        "version-note",
    ),
    endpoint("models", ModelView.as_view(), "models"),
    endpoint(
        "prompt-types/",
        PromptTypeViewSet.as_view({"get": "list", "post": "create"}, name=_("Prompt types")),
        "prompt-types",
    ),
    endpoint(
        "prompt-types/<slug:slug>",
        PromptTypeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}, name=_("Prompt type")),
        "prompt-type",
    ),
]
