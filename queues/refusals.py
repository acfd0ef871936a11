"""Why a line refuses a guest or a program, by name (core/refusals.py)."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Reason

HERE_CODE_NEEDED = Reason(
    "here_code_needed", _("This line takes only guests who are here: please type the code on the wall.")
)
WRONG_HERE_CODE = Reason("wrong_here_code", _("This code is wrong or too old. Please look at the wall again."))
LINE_BUSY = Reason("line_busy", _("This line is very busy. Please try again."))
CALLED_ALREADY = Reason("called_already", _("You are called already. Please talk to the host."))
CHANGED_SINCE = Reason(
    "changed_since",
    _("The host has changed your party since you opened this page. Please check it, then send the form again."),
)
ENTRY_OVER = Reason("entry_over", _("Last entry is over: this line takes no more guests."))
LINE_CLOSED = Reason("line_closed", _("This line is closed."))
LINE_FULL = Reason("line_full", _("This line is full."))
LINE_LOCKED = Reason("line_locked", _("Somebody else is changing this line."))
LINE_PAUSED = Reason("line_paused", _("This line is not taking new guests at the moment."))
MORE_TIME_GIVEN = Reason("more_time_given", _("You were given more time already. Please talk to the host."))
NO_LINE = Reason("no_line", "There is no line with this code.")
NOBODY_BEHIND = Reason("nobody_behind", _("Nobody is behind you in the line."))
VISIT_NOT_ASKED = Reason("visit_not_asked", _("You were not asked about this visit."))
VISIT_OVER = Reason("visit_over", _("The time to answer is over. Thank you all the same."))
WRONG_TICKET_CODE = Reason(
    "wrong_ticket_code", _("This code is wrong or too old. Please ask the host to show it again.")
)
NOTE_OF_HOST = Reason("note_of_host", _("The host has written the note. Please tell them what changes."))
ERASED = Reason("erased", "This guest's data was erased: the place stays as it is. Add the party anew.")
NOT_IN_LINE = Reason("not_in_line", _("This party is not in line."))
