"""Accounts of people and services with their tokens, and the audit log."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from audit.models import AuditEntry
from config.accounts.token_admin import ApiTokenAdmin
from config.accounts.user_admin import GroupAdmin, UserAdmin
from config.auditing.admin import AuditEntryAdmin
from config.models import ApiToken, User

admin.site.register(AuditEntry, AuditEntryAdmin)
admin.site.register(User, UserAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
# Django's own came first, with its app.
admin.site.unregister(Group)
admin.site.register(Group, GroupAdmin)
