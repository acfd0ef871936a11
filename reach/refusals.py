"""Why a way of reaching a guest is refused, by name (core/refusals.py)."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Reason

NOT_SIGNED = Reason("not_signed", "This call is not signed by the provider of this venue.")
NO_TEXTS = Reason("no_texts", "No provider of texts is set up.")
NO_NUMBER = Reason("no_number", _("This is not a phone number."))
NEEDS_COUNTRY = Reason("needs_country", _("Please write the number with + and the country code."))
NO_COUNTRY = Reason("no_country", _("No country has this country code."))
NO_SUCH_NUMBER = Reason("no_such_number", _("There is no such phone number. Please check it."))
LANDLINE = Reason("landline", _("This is a landline, which takes no text messages. Please give a mobile number."))
SHORT_CODE = Reason("short_code", _("This is a short code. Please give a mobile number."))
SERVICE_NUMBER = Reason("service_number", _("This number takes no text messages. Please give a mobile number."))
EXTENSION = Reason("extension", _("A number with an extension takes no text messages."))
NOT_OFFERED = Reason("not_offered", _("This venue does not send messages in this way."))
NO_WAY_LEFT = Reason("no_way_left", _("By none of these ways can we tell you: a number or an address is missing."))
NO_CODE = Reason("no_code", _("The code has six digits."))
WRONG_CODE = Reason("wrong_code", _("This is not the code. Please look again."))
CODE_OVER = Reason("code_over", _("This code is over. Please ask for another one."))
TOO_MANY_TRIES = Reason("too_many_tries", _("The code was typed wrong too often. Please ask for another one."))
NOTHING_TO_PROVE = Reason("nothing_to_prove", _("There is no number to prove."))
CODE_JUST_SENT = Reason("code_just_sent", _("A code was sent just now. Please wait half a minute."))
NO_MORE_CODES = Reason("no_more_codes", _("No more codes can be sent for this ticket. You are called by name."))
TOO_MANY_CODES_SENT = Reason(
    "too_many_codes_sent", _("Too many codes were sent to this number. Please try again in an hour.")
)
