"""Texts of Django and its companions that people meet here, and that have no Thai or Arabic there yet.

They are only named, so that our catalogues hold them. Nothing imports this module; a test sees to it that a
text which upstream has dropped goes from here too.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

ADMIN = [
    _("Hold down “Control”, or “Command” on a Mac, to select more than one."),
    _("Select this object for an action - {}"),
    _("Select all objects on this page for an action"),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    _("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
    _("We’re sorry, but the requested page could not be found."),
    _("Breadcrumbs"),
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("You don’t have permission to view or edit anything."),
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Error:"),
    _("Set password"),
    ngettext_lazy("Please correct the error below.", "Please correct the errors below."),
    _("This action will <strong>enable</strong> password-based authentication for this user."),
    _("Disable password-based authentication"),
    _("Enable password-based authentication"),
    _("Skip to main content"),
    _("Clear all filters"),
    _("Toggle theme (current theme: auto)"),
    _("Toggle theme (current theme: light)"),
    _("Toggle theme (current theme: dark)"),
    _("Yes, I’m sure"),
    _("Toggle navigation"),
    _("Sidebar"),
    _("Start typing to filter…"),
    _("Filter navigation items"),
    ngettext_lazy("entry", "entries"),
    _("This object doesn’t have a change history. It probably wasn’t added via this admin site."),
    _("View selected %(model)s"),
    _("View"),
    _("Thanks for spending some quality time with the web site today."),
    _(
        "Please enter your old password, for security’s sake, and then enter your new password twice so we can "
        "verify you typed it in correctly."
    ),
]
ACCOUNTS = [
    _("Conflicting form data submitted. Please try again."),
    _("Password-based authentication was disabled."),
    _("Set password: %s"),
    _("Reset password"),
    _("The two password fields didn’t match."),
    _("Enter the same password as before, for verification."),
    _(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able "
        "to authenticate using other backends, such as Single Sign-On or LDAP."
    ),
    _("Password-based authentication"),
    _("Enabled"),
    _("Disabled"),
    _("Raw passwords are not stored, so there is no way to see the user’s password."),
    _("Enable password-based authentication for this user by setting a password."),
    _("variety"),
    _("version"),
    _("memory cost"),
    _("time cost"),
    _("parallelism"),
    _("The groups this user belongs to. A user will get all permissions granted to each of their groups."),
    _("Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    _("The password is too similar to the %(verbose_name)s."),
    _("Your password can’t be too similar to your other personal information."),
    _("This password is too common."),
    _("Your password can’t be a commonly used password."),
    _("This password is entirely numeric."),
    _("Your password can’t be entirely numeric."),
    _("Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."),
]
FORMS = [
    _("Enter a valid integer."),
    ngettext_lazy(
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
    ),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
    _("Null characters are not allowed."),
    _("%(model_name)s with this %(field_labels)s already exists."),
    _("Value %(value)r is not a valid choice."),
    _("Value must be valid JSON."),
    _("Enter a valid JSON."),
    _("“%(value)s” is not a valid UUID."),
    _("“%(pk)s” is not a valid value."),
]
API = [
    _("Not a valid string."),
    _("Must be a valid boolean."),
    _("Must be a valid UUID."),
    _("Invalid input."),
    _("This field must be unique."),
    _("Malformed request."),
    _("Request was throttled."),
    _("Datetime value out of range."),
    _("Could not satisfy the request Accept header."),
    _("Object with {slug_name}={value} does not exist."),
    _("Surrogate characters are not allowed: U+{code_point:X}."),
    _("navbar"),
    _("content"),
    _("main content"),
    _("request form"),
    _("request info"),
    _("response info"),
    _("Extra Actions"),
]
TOKENS = [
    _("Authorization header must contain two space-delimited values"),
    _("Given token not valid for any token type"),
    _("Token contained no recognizable user identification"),
    _("User not found"),
    _("User is inactive"),
    _("The user's password has been changed."),
    _("Token is invalid"),
    _("Token is expired"),
    _("Token is invalid or expired"),
    _("No active account found with the given credentials"),
    _("No active account found for the given token."),
    _("Token is blacklisted"),
    _("Token has no id"),
    _("Token has no type"),
    _("Token has wrong type"),
    _("Token has no '{}' claim"),
    _("Token '{}' claim has expired"),
]
