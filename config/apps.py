"""Django apps of the composition root. Its label is `system`, and so the permission `system.manage_all`."""

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
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

        connection_created.connect(close_with_thread, dispatch_uid="config.databases")
        auditing.connect()


class ConsoleConfig(AdminConfig):
    """Django's admin with our site class."""

    default_site = "config.console.Console"

    def ready(self) -> None:
        super().ready()
        from django.contrib.admin import site

        for name in NOT_SHOWN:
            model = apps.get_model(name)
            if site.is_registered(model):
                site.unregister(model)
