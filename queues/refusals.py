"""Why a line refuses a guest or a program, by name (core/refusals.py)."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Reason

LINE_BUSY = Reason("line_busy", _("This line is very busy. Please try again."))
ENTRY_OVER = Reason("entry_over", _("Last entry is over: this line takes no more guests."))
LINE_CLOSED = Reason("line_closed", _("This line is closed."))
LINE_FULL = Reason("line_full", _("This line is full."))
LINE_LOCKED = Reason("line_locked", _("Somebody else is changing this line."))
LINE_PAUSED = Reason("line_paused", _("This line is not taking new guests at the moment."))
MORE_TIME_GIVEN = Reason("more_time_given", _("You were given more time already. Please talk to the host."))
NO_LINE = Reason("no_line", "There is no line with this code.")
NOBODY_BEHIND = Reason("nobody_behind", _("Nobody is behind you in the line."))
NOT_IN_LINE = Reason("not_in_line", _("This party is not in line."))
