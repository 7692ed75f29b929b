"""Texts of the scripts of Django's admin that have no Thai or Arabic there yet, or a wrong one.

Scripts have a catalogue of their own, `djangojs`. As in `borrowed_texts`, they are only named.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

CHOOSING = [
    _('Choose %s by selecting them and then select the "Choose" arrow button.'),
    _("Choose all %s"),
    _("Choose selected %s"),
    _('Remove %s by selecting them and then select the "Remove" arrow button.'),
    _("Remove selected %s"),
    _("Remove all %s"),
    _("Type into this box to filter down the list of selected %s."),
    _("(click to clear)"),
    ngettext_lazy("%s selected option not visible", "%s selected options not visible"),
    ngettext_lazy("%(sel)s of %(cnt)s selected", "%(sel)s of %(cnt)s selected"),
]
ACTIONS = [
    _(
        "You have selected an action, but you haven’t saved your changes to individual fields yet. Please click OK to "
        "save. You’ll need to re-run the action."
    ),
    _(
        "You have selected an action, and you haven’t made any changes on individual fields. You’re probably looking "
        "for the Go button rather than the Save button."
    ),
]
CALENDAR = [
    pgettext_lazy("abbrev. month January", "Jan"),
    pgettext_lazy("abbrev. month February", "Feb"),
    pgettext_lazy("abbrev. month March", "Mar"),
    pgettext_lazy("abbrev. month April", "Apr"),
    pgettext_lazy("abbrev. month May", "May"),
    pgettext_lazy("abbrev. month June", "Jun"),
    pgettext_lazy("abbrev. month July", "Jul"),
    pgettext_lazy("abbrev. month August", "Aug"),
    pgettext_lazy("abbrev. month September", "Sep"),
    pgettext_lazy("abbrev. month October", "Oct"),
    pgettext_lazy("abbrev. month November", "Nov"),
    pgettext_lazy("abbrev. month December", "Dec"),
    _("Sunday"),
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    pgettext_lazy("abbrev. day Sunday", "Sun"),
    pgettext_lazy("abbrev. day Monday", "Mon"),
    pgettext_lazy("abbrev. day Tuesday", "Tue"),
    pgettext_lazy("abbrev. day Wednesday", "Wed"),
    pgettext_lazy("abbrev. day Thursday", "Thur"),
    pgettext_lazy("abbrev. day Friday", "Fri"),
    pgettext_lazy("abbrev. day Saturday", "Sat"),
]
