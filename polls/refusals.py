"""Why a ballot, or a change of a poll, is refused, by name (core/refusals.py). What voters do not read is in English only."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Reason

BAD_KEY = Reason("bad_key", "key: must be a public key of P-256.")
BAD_SIGNATURE = Reason("bad_signature", "signature: does not fit this ballot and key.")
BALLOT_ID_USED = Reason("ballot_id_used", _("This ballot id was used for another vote."))
CODE_NEEDED = Reason("code_needed", _("This poll asks for a code."))
CODE_UNKNOWN = Reason("code_unknown", _("This code is not known."))
EARLIER_ROUND = Reason(
    "earlier_round", _("This vote belongs to an earlier round. The host has started the poll again since.")
)
END_IS_PAST = Reason("end_is_past", "end: the end of this poll is past; give it a new one.")
NO_CODES_HERE = Reason("no_codes_here", "This poll does not ask for codes.")
NO_COOKIES = Reason(
    "no_cookies",
    _("This browser keeps no cookies, and a vote needs one. Allow cookies for this site, or use another browser."),
)
NO_SUCH_CHOICE = Reason("no_such_choice", _("There is no such choice."))
NO_SUCH_POLL = Reason("no_such_poll", _("There is no such poll."))
NO_SUCH_SESSION = Reason("no_such_session", _("There is no such session."))
NOT_OPEN_YET = Reason("not_open_yet", _("This poll is not open yet."))
ONLY_GUESTS = Reason("only_guests", _("Only guests of the line can vote here."))
ONLY_DRAFTS = Reason("only_drafts", "Only a draft can be edited.")
OTHER_KEY = Reason("other_key", "signature: this ballot was cast with another key, or with none.")
PICK_A_CHOICE = Reason("pick_a_choice", _("Pick at least one choice."))
PICK_AT_LEAST = Reason("pick_at_least", _("Pick at least {n}."))
PICK_AT_MOST = Reason("pick_at_most", _("Pick at most {n}."))
PICK_ONE_ONLY = Reason("pick_one_only", _("Pick one choice only."))
PICKED_TWICE = Reason("picked_twice", _("A choice was picked twice."))
POLL_CLOSED = Reason("poll_closed", _("This poll is closed."))
SESSION_CLOSED = Reason("session_closed", _("This session is closed."))  # in Japanese old clients look for 終了 in it
TOO_MANY_CODES = Reason("too_many_codes", "count: this poll has {there:,} codes; it may have {most:,} in all.")
VOTED_ALREADY = Reason("voted_already", _("You have voted already."))
