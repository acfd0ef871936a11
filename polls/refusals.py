"""Why a ballot is refused, by name (core/refusals.py)."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Reason

BALLOT_ID_USED = Reason("ballot_id_used", _("This ballot id was used for another vote."))
CODE_NEEDED = Reason("code_needed", _("This poll asks for a code."))
CODE_UNKNOWN = Reason("code_unknown", _("This code is not known."))
EARLIER_ROUND = Reason(
    "earlier_round", _("This vote belongs to an earlier round. The host has started the poll again since.")
)
NO_COOKIES = Reason(
    "no_cookies",
    _("This browser keeps no cookies, and a vote needs one. Allow cookies for this site, or use another browser."),
)
NO_SUCH_CHOICE = Reason("no_such_choice", _("There is no such choice."))
NO_SUCH_POLL = Reason("no_such_poll", _("There is no such poll."))
NO_SUCH_SESSION = Reason("no_such_session", _("There is no such session."))
NOT_OPEN_YET = Reason("not_open_yet", _("This poll is not open yet."))
ONLY_GUESTS = Reason("only_guests", _("Only guests of the line can vote here."))
PICK_A_CHOICE = Reason("pick_a_choice", _("Pick at least one choice."))
PICK_AT_LEAST = Reason("pick_at_least", _("Pick at least {n}."))
PICK_AT_MOST = Reason("pick_at_most", _("Pick at most {n}."))
PICK_ONE_ONLY = Reason("pick_one_only", _("Pick one choice only."))
PICKED_TWICE = Reason("picked_twice", _("A choice was picked twice."))
POLL_CLOSED = Reason("poll_closed", _("This poll is closed."))
SESSION_CLOSED = Reason("session_closed", _("This session is closed."))  # in Japanese old clients look for 終了 in it
VOTED_ALREADY = Reason("voted_already", _("You have voted already."))
