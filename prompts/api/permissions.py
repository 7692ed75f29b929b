"""Who may do what beyond their own requests."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class ManageAll(BasePermission):
    """Whoever has `system.manage_all`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """As the class says."""
        return bool(request.user.is_authenticated and request.user.has_perm("system.manage_all"))


class ReadOrManageAll(BasePermission):
    """Any signed-in user reads; whoever has `system.manage_all` writes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """As the class says."""
        if not request.user.is_authenticated:
            return False
        return request.method in SAFE_METHODS or request.user.has_perm("system.manage_all")
