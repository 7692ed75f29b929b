"""Who may do what beyond their own requests."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from prompts import powers


class ManageAll(BasePermission):
    """Whoever has `system.manage_all`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """As the class says."""
        return powers.manages_all(request.user)


class ReadOrManageAll(BasePermission):
    """Any signed-in user reads; whoever has `system.manage_all` writes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """As the class says."""
        if not request.user.is_authenticated:
            return False
        return request.method in SAFE_METHODS or powers.manages_all(request.user)


class ReadVersions(BasePermission):
    """Whoever may look at versions."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """As the class says."""
        return powers.reads_versions(request.user)


class WriteVersions(BasePermission):
    """Whoever may write versions, try them out and annotate them."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """As the class says."""
        return powers.writes_versions(request.user)
