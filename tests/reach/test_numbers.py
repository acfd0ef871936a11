"""Phone numbers as guests type them."""

import pytest

from core.errors import Invalid
from core.zones import country_of
from reach import numbers, refusals


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("612 345 678", "ES", "+34612345678"),
        ("+34 612-345-678", "", "+34612345678"),
        ("0034612345678", "", "+34612345678"),
        ("+81 90 1234 5678", "ES", "+819012345678"),
        ("090-1234-5678", "JP", "+819012345678"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("０９０－１２３４－５６７８", "JP", "+819012345678"),
    ],
)
def test_a_number_that_takes_texts_is_kept_as_e164(typed: str, region: str, number: str) -> None:
    assert numbers.parse(typed, region=region) == number


@pytest.mark.parametrize(
    ("typed", "region", "reason"),
    [
        ("", "ES", refusals.NO_NUMBER),
        ("call me", "ES", refusals.NO_NUMBER),
        ("1" * 41, "ES", refusals.NO_NUMBER),
        ("612345678", "", refusals.NEEDS_COUNTRY),
        ("+999 12345678", "ES", refusals.NO_COUNTRY),
        ("+34 6123", "ES", refusals.NO_SUCH_NUMBER),
        ("+1 999 999 9999", "", refusals.NO_SUCH_NUMBER),
        ("+34 91 123 45 67", "", refusals.LANDLINE),
        ("03-1234-5678", "JP", refusals.LANDLINE),
        ("112", "ES", refusals.SHORT_CODE),
        ("25252", "ES", refusals.SHORT_CODE),
        ("1-800-356-9377", "US", refusals.SERVICE_NUMBER),
        ("07400 123456 ext 5", "GB", refusals.EXTENSION),
    ],
)
def test_a_number_no_text_can_reach_is_refused_with_a_sentence(typed: str, region: str, reason: object) -> None:
    with pytest.raises(Invalid) as refused:
        numbers.parse(typed, region=region)
    assert refused.value.field == "number"
    assert refused.value.reason is reason


def test_a_venue_writes_the_numbers_of_its_zones_country() -> None:
    assert [country_of(zone) for zone in ("Europe/Madrid", "Asia/Tokyo", "UTC", "")] == ["ES", "JP", "", ""]
    assert numbers.region_of("America/New_York") == "US"
