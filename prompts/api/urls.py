"""The paths below /api/ai/."""

from prompts.api.catalogue import ModelView, PromptTypeViewSet
from prompts.api.routing import endpoint
from prompts.api.views import PromptViewSet

urlpatterns = [
    endpoint("prompts/", PromptViewSet.as_view({"get": "list", "post": "create"}), "prompts"),
    endpoint("prompts/<uuid:id>", PromptViewSet.as_view({"get": "retrieve"}), "prompt"),
    endpoint("prompts/<uuid:id>/cancel", PromptViewSet.as_view({"post": "cancel"}), "prompt-cancel"),
    endpoint("prompts/<uuid:id>/replay", PromptViewSet.as_view({"post": "replay"}), "prompt-replay"),
    endpoint("models", ModelView.as_view(), "models"),
    endpoint("prompt-types/", PromptTypeViewSet.as_view({"get": "list", "post": "create"}), "prompt-types"),
    endpoint(
        "prompt-types/<slug:slug>",
        PromptTypeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        "prompt-type",
    ),
]
