"""The user account and the one permission that opens everything."""

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person or a service that sends prompts.

    Accounts are deactivated, not deleted: their requests point at them for ever.
    """

    class Meta(AbstractUser.Meta):
        db_table = "users"
        permissions = [("manage_all", _("Can manage everything: all requests, prompt types and versions"))]
