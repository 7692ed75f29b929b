"""The audit log over HTTP, for those who manage everything. Nothing in it can be changed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.models import AuditEntry
from audit.services.state import chain_state
from config.auditing.filters import AuditFilter
from config.auditing.presenting import present, present_state
from config.auditing.serializers import AuditEntryOut, ChainStateOut
from prompts.api.pagination import NewestFirst
from prompts.api.permissions import ManageAll
from prompts.api.schema import answers
from prompts.api.viewsets import ActionViewSet


class LatestFirst(NewestFirst):
    """By the time of the entry."""

    ordering: Any = ("-at", "-id")


@extend_schema(tags=["Audit log"])
class AuditViewSet(ActionViewSet[AuditEntry]):
    """Who did what to what, when and from where."""

    queryset = AuditEntry.objects.select_related("link")
    permission_classes = [ManageAll]
    serializer_class = AuditEntryOut
    filterset_class = AuditFilter
    pagination_class = LatestFirst

    @extend_schema(operation_id="list_audit_entries", responses=answers(200, AuditEntryOut(many=True), 400, 401, 403))
    def list(self, request: Request) -> Response:
        """Entries, newest first. Needs `system.manage_all`."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(AuditEntryOut([present(entry) for entry in page], many=True).data)


@extend_schema(tags=["Audit log"])
class ChainStateView(APIView):
    """How far the log is sealed."""

    permission_classes = [ManageAll]

    @extend_schema(operation_id="get_audit_state", responses=answers(200, ChainStateOut, 401, 403))
    def get(self, request: Request) -> Response:
        """Its length and head, what waits for a place, and the last checkpoint. Needs `system.manage_all`."""
        return Response(ChainStateOut(present_state(chain_state())).data)
