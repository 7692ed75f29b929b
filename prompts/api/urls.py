"""The paths below /api/ai/."""

from django.utils.translation import gettext_lazy as _

from prompts.api.catalogue import ModelView, PromptTypeViewSet
from prompts.api.routing import endpoint
from prompts.api.views import PromptViewSet

urlpatterns = [
    endpoint("prompts/", PromptViewSet.as_view({"get": "list", "post": "create"}, name=_("Prompts")), "prompts"),
    endpoint("prompts/<uuid:id>", PromptViewSet.as_view({"get": "retrieve"}, name=_("Prompt")), "prompt"),
    endpoint("prompts/<uuid:id>/cancel", PromptViewSet.as_view({"post": "cancel"}, name=_("Cancel")), "prompt-cancel"),
    endpoint("prompts/<uuid:id>/replay", PromptViewSet.as_view({"post": "replay"}, name=_("Replay")), "prompt-replay"),
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
