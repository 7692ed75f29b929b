"""Django apps of the composition root. Its label is `system`, and so the permission `system.manage_all`."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from config.databases import close_with_thread

#: Models of dependencies that the console doesn't show: tokens and attempted passwords open accounts, and
#: results of housekeeping tell nothing that the log doesn't.
NOT_SHOWN = (
    "token_blacklist.OutstandingToken",
    "token_blacklist.BlacklistedToken",
    "axes.AccessAttempt",
    "axes.AccessLog",
    "axes.AccessFailureLog",
    "django_celery_results.TaskResult",
    "django_celery_results.GroupResult",
)


class SystemConfig(AppConfig):
    name = "config"
    label = "system"
    verbose_name = _("System")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from config import auditing
        from config.accounts import roles
        from config.checks import check_postgresql

        connection_created.connect(close_with_thread, dispatch_uid="config.databases")
        checks.register(check_postgresql, checks.Tags.database)
        auditing.connect()
        roles.connect()


class ConsoleConfig(SimpleAdminConfig):
    """Django's admin with our site class. Its pages are loaded with the addresses, where somebody may ask for them.

    Workers and schedulers never do, and so save what the pages take of memory.
    """

    default_site = "config.console.Console"

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_console, checks.Tags.admin)


@cache
def load_console() -> None:
    """Register the pages of all apps, and take back those that the console doesn't show."""
    from django.contrib import admin

    admin.autodiscover()
    for name in NOT_SHOWN:
        model = apps.get_model(name)
        if admin.site.is_registered(model):
            admin.site.unregister(model)


def check_console(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Django's check of the pages, which have to be there for it."""
    load_console()
    return check_admin_app(app_configs, **kwargs)
