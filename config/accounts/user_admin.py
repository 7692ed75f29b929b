"""Accounts and groups in the console: what somebody may do is a role first, and single permissions last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.accounts import roles
from config.models import User

if TYPE_CHECKING:
    DjangoUserAdmin = auth_admin.UserAdmin[User]
    Groups = forms.ModelMultipleChoiceField[Group]
else:
    DjangoUserAdmin = auth_admin.UserAdmin
    Groups = forms.ModelMultipleChoiceField

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


class GroupChoice(Groups):
    """Groups to tick, each role with what it is for."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> SafeString:
        """The name in the reader's language."""
        meaning = roles.meaning(obj)
        text = format_html("<strong><bdi>{}</bdi></strong>", roles.label(obj))
        return format_html('{} <span class="quiet">{}</span>', text, meaning) if meaning else text


class UserAdmin(DjangoUserAdmin):
    """Django's, with limits: accounts are not deleted nor taken over by who may do less; superusers hand out powers."""

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Personal info"), {"fields": ("first_name", "last_name", "email", "language")}),
        (
            gettext_lazy("Role"),
            {
                "fields": ("is_active", "is_staff", "groups"),
                "description": gettext_lazy("To use the console, somebody needs staff status and a role."),
            },
        ),
        (
            gettext_lazy("Single permissions"),
            {
                "classes": ("collapse",),
                "description": gettext_lazy("For what no role fits. Most people need none of this."),
                "fields": ("is_superuser", "user_permissions"),
            },
        ),
        (gettext_lazy("Important dates"), {"fields": ("last_login", "date_joined")}),
    )

    class Media:
        css = {"all": ["config/accounts.css"]}

    # What happened is looked at; Django's form would let people rewrite it.
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "email", "role", "is_active", "is_staff", "is_superuser")
    list_filter = ("is_staff", "is_superuser", "is_active")

    @display(description=gettext_lazy("role"))
    def role(self, user: User) -> str:
        """The groups that the user is in."""
        return ", ".join(roles.label(group) for group in user.groups.all()) or "-"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            return GroupChoice(Group.objects.order_by("pk"), required=False, label=gettext_lazy("Role"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        # Otherwise who may change accounts could set the password of somebody who may do more, and sign in as them.
        return allowed and (obj is None or _reaches(request.user, obj))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        # Django's field leads to a page that refuses whoever only looks.
        return [(title, options | {"fields": _without_password(options["fields"])}) for title, options in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else fields + POWERS

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user = form.instance
        if user.is_active and not user.is_staff and user.groups.exists():
            text = _("%(name)s has a role but can't sign in to the console: that takes staff status.")
            messages.warning(request, text % {"name": user.get_username()})


class GroupAdmin(auth_admin.GroupAdmin):
    """Django's, with the names of roles in the reader's language. A group is powers: superusers alone hand them out."""

    list_display = ("role", "meaning")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    @display(description=gettext_lazy("name"), ordering="name")
    def role(self, group: Group) -> SafeString:
        """A role's name as it is read, any other as it is."""
        return format_html("<bdi>{}</bdi>", roles.label(group))

    @display(description=gettext_lazy("what it is for"))
    def meaning(self, group: Group) -> str:
        """Of a role, in words."""
        return roles.meaning(group) or "-"


def _without_password(fields: Any) -> list[str]:
    return [name for name in fields if name != "password"]


def _reaches(user: Any, other: User) -> bool:
    """Whether a user may do all that another may, or might when the account is switched on again."""
    if user.is_superuser or other.is_superuser:
        return bool(user.is_superuser)
    given = Permission.objects.filter(Q(user=other) | Q(group__user=other)).distinct()
    names = given.values_list("content_type__app_label", "codename")
    return all(user.has_perm(f"{app}.{codename}") for app, codename in names)
