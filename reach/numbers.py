"""Phone numbers of guests: what they typed, as E.164, if a text can reach it. The tables are Google's (`phonenumbers`)."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from core.errors import Invalid
from core.zones import country_of
from queues.contacts import LONGEST_NUMBER
from reach import refusals

LONGEST_SHORT = 6
FIELD = "number"

_REFUSED = {
    PhoneNumberType.FIXED_LINE: refusals.LANDLINE,
    PhoneNumberType.TOLL_FREE: refusals.SERVICE_NUMBER,
    PhoneNumberType.PREMIUM_RATE: refusals.SERVICE_NUMBER,
    PhoneNumberType.SHARED_COST: refusals.SERVICE_NUMBER,
    PhoneNumberType.UAN: refusals.SERVICE_NUMBER,
    PhoneNumberType.VOICEMAIL: refusals.SERVICE_NUMBER,
    PhoneNumberType.PAGER: refusals.SERVICE_NUMBER,
}


def region_of(zone: str) -> str:
    """The country (ISO 3166) whose numbers a venue in this time zone writes without a country code; empty where unknown."""
    country = country_of(zone)
    return country if country in phonenumbers.SUPPORTED_REGIONS else ""


def parse(typed: str, *, region: str = "") -> str:
    """The number in E.164 (+34612345678). `region`: the country of numbers that are written without + and a country code.

    Raises Invalid (field `number`) with a sentence for the guest: no number, one of no country, a landline where the tables know
    it, a short code, a number of a service, one with an extension.
    """
    if not typed.strip() or len(typed) > LONGEST_NUMBER:
        raise Invalid(refusals.NO_NUMBER, field=FIELD)
    international = typed.strip().startswith(("+", "＋"))
    if not region and typed.strip().startswith("00"):  # as most countries dial abroad
        typed, international = "+" + typed.strip()[2:], True
    try:
        number = phonenumbers.parse(typed, region or None)
    except NumberParseException as problem:
        if problem.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            reason = refusals.NO_COUNTRY if international else refusals.NEEDS_COUNTRY
        else:
            reason = refusals.NO_NUMBER
        raise Invalid(reason, field=FIELD) from None
    _require_reachable(number, may_be_short=not international)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _require_reachable(number: PhoneNumber, *, may_be_short: bool) -> None:
    if number.extension:
        raise Invalid(refusals.EXTENSION, field=FIELD)
    if not phonenumbers.is_valid_number(number):
        short = may_be_short and len(str(number.national_number)) <= LONGEST_SHORT
        raise Invalid(refusals.SHORT_CODE if short else refusals.NO_SUCH_NUMBER, field=FIELD)
    if reason := _REFUSED.get(phonenumbers.number_type(number)):
        raise Invalid(reason, field=FIELD)


def heard(number: str) -> str:
    """The number that a text came from, in E.164. Raises Invalid for a name or a short code."""
    try:
        parsed = phonenumbers.parse(number.removeprefix("whatsapp:"))
    except NumberParseException:
        raise Invalid(refusals.NO_NUMBER, field=FIELD) from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
