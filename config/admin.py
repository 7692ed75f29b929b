"""Accounts of people and services, and the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.http import HttpRequest

from audit.models import AuditEntry
from config.auditing.admin import AuditEntryAdmin
from config.models import User

if TYPE_CHECKING:
    DjangoUserAdmin = auth_admin.UserAdmin[User]
else:
    DjangoUserAdmin = auth_admin.UserAdmin

admin.site.register(AuditEntry, AuditEntryAdmin)

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Django's, with two limits: nobody deletes accounts, and only superusers hand out powers."""

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        # Otherwise who may change accounts could set a superuser's password and become one.
        return allowed and (request.user.is_superuser or obj is None or not obj.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else fields + POWERS
