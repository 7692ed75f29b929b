"""The paths of labelled sets, accuracies and gates below /api/ai/."""

from django.utils.translation import gettext_lazy as _

from documents.api.accuracy import AccuraciesView, AccuracyView
from documents.api.gates import GateView
from documents.api.labelled_sets import LabelledSetViewSet
from prompts.api.routing import endpoint

urlpatterns = [
    endpoint(
        "documents/sets/",
        LabelledSetViewSet.as_view({"get": "list", "post": "create"}, name=_("Labelled sets")),
        "labelled-sets",
    ),
    endpoint(
        "documents/sets/<slug:name>",
        LabelledSetViewSet.as_view({"get": "retrieve"}, name=_("Labelled set")),
        "labelled-set",
    ),
    endpoint("documents/sets/<slug:name>/run", LabelledSetViewSet.as_view({"post": "run"}, name=_("Run")), "set-run"),
    endpoint("documents/sets/<slug:name>/accuracy", AccuraciesView.as_view(), "set-accuracies"),
    endpoint("documents/sets/<slug:name>/accuracy/<request_id:id>", AccuracyView.as_view(), "set-accuracy"),
    endpoint("prompts/<prompt_type:promptType>/gate", GateView.as_view(), "prompt-gate"),
]
