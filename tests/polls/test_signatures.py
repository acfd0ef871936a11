"""Signed ballots: only their own key's signature counts, and a ballot sent again is one ballot, also from another voter."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from msgspec.structs import replace

from core.errors import Invalid
from polls import ballots, commands
from polls.bodies import BallotBody
from polls.models import Ballot, Poll
from polls.outcomes import Cast, Status
from polls.signatures import Signed
from tests.polls.database_polls import ballot, cast, counts, made, rows_of, sound, sql
from tests.polls.signing_phone import Phone
from web.bodies import read

pytestmark = pytest.mark.django_db


def signed(poll: Poll, phone: Phone, voter: object, *choices: int) -> Cast:
    """A ballot with the phone's signature."""
    one = ballot(poll, voter, *choices)
    return replace(one, signed=phone.sign(poll.pk, one.ballot_id, choices))


def test_a_signed_ballot_is_counted_and_its_key_is_known_again() -> None:
    poll, phone = made(max_picks=3), Phone()
    outcome = cast(signed(poll, phone, "Ann", 2, 0))
    assert outcome.status == Status.COUNTED
    assert bytes(Ballot.objects.get(poll=poll).signer or b"") == Signed(phone.key, b"").signer
    assert cast(ballot(poll, "Bob", 1)).status == Status.COUNTED
    assert sound(poll)
    sql("UPDATE polls_ballot SET signer = NULL WHERE poll_id = %s", poll.pk)
    with pytest.raises(AssertionError, match="changed by hand"):
        sound(poll)


def test_what_was_not_signed_is_not_counted() -> None:
    """Other choices, another ballot, another poll, another key, another signature, no point of the curve."""
    poll, other, phone = made(), made(), Phone()
    one = ballot(poll, "Ann", 0)
    right = phone.sign(poll.pk, one.ballot_id, (0,))
    wrong = [
        phone.sign(poll.pk, one.ballot_id, (1,)),
        phone.sign(poll.pk, uuid4(), (0,)),
        phone.sign(other.pk, one.ballot_id, (0,)),
        Signed(Phone().key, right.signature),
        Signed(phone.key, bytes(64)),
        Signed(phone.key, b"\xff" * 64),
        Signed(phone.key, right.signature[32:] + right.signature[:32]),
        Signed(b"\x04" + b"\x01" * 64, right.signature),
        Signed(bytes(65), right.signature),
    ]
    outcomes = ballots.record([replace(one, signed=each) for each in wrong] + [ballot(poll, "Bob", 1)])
    assert [each.status for each in outcomes] == [Status.UNSIGNED] * len(wrong) + [Status.COUNTED]
    assert {str(each.problem).partition(":")[0] for each in outcomes[:-1]} == {"key", "signature"}
    assert counts(poll) == [0, 1, 0]
    assert cast(replace(one, signed=right)).status == Status.COUNTED
    assert sound(poll)


def test_sent_again_it_is_the_same_ballot_and_the_receipt_is_the_key_s() -> None:
    poll, phone = made(), Phone()
    one = signed(poll, phone, "Ann", 2)
    first = cast(one)
    assert cast(one).receipt == first.receipt
    stolen = Phone().sign(poll.pk, one.ballot_id, (2,))
    for other in (replace(one, signed=stolen), replace(one, signed=None)):
        refused = cast(other)
        assert (refused.status, refused.receipt) == (Status.UNSIGNED, None)
    assert counts(poll) == [0, 0, 1]


@pytest.mark.parametrize("signs", [True, False])
def test_a_phone_that_changed_its_address_before_it_tried_again_has_voted_once(signs: bool) -> None:
    poll, phone = made(), Phone()
    one = signed(poll, phone, "the Wi-Fi", 1) if signs else ballot(poll, "the Wi-Fi", 1)
    first = cast(one)
    elsewhere = replace(one, voter_key=ballot(poll, "its own network").voter_key)
    twice = ballots.record([elsewhere, elsewhere])
    assert [each.status for each in twice] == [Status.ALREADY] * 2
    assert {each.receipt for each in twice} == {first.receipt}
    commands.close(poll.pk)
    assert cast(elsewhere).receipt == first.receipt, "also after the close"
    assert rows_of(poll)["polls_ballot"] == 1
    assert sound(poll)


def test_a_first_try_that_never_arrived_is_counted_the_second_time() -> None:
    poll, phone = made(), Phone()
    one = signed(poll, phone, "Ann", 1)
    assert [each.status for each in ballots.record([one, one])] == [Status.COUNTED, Status.ALREADY]
    assert counts(poll) == [0, 1, 0]


def test_another_voter_s_ballot_id_opens_nothing() -> None:
    poll = made()
    one = signed(poll, Phone(), "Ann", 1)
    cast(one)
    thief = replace(one, voter_key=ballot(poll, "Bob").voter_key)
    for signed_by in (Phone().sign(poll.pk, thief.ballot_id, (1,)), None):
        outcome = cast(replace(thief, signed=signed_by))
        assert (outcome.status, outcome.receipt) == (Status.UNSIGNED, None)
    assert counts(poll) == [0, 1, 0] and sound(poll)


def test_a_change_is_signed_anew() -> None:
    poll, phone = made(may_change=True), Phone()
    assert cast(signed(poll, phone, "Ann", 0)).status == Status.COUNTED
    assert cast(signed(poll, Phone(), "Ann", 1)).status == Status.CHANGED
    assert cast(ballot(poll, "Ann", 2)).status == Status.CHANGED
    assert Ballot.objects.get(poll=poll).signer is None
    assert sound(poll)


WRONG: dict[str, list[Any]] = {
    "key": ["", "x", 7, [], {}, True, "A" * 86, "A" * 88, "é" * 87, "!" * 87, "A" * 5_000, "\x00"],
    "signature": ["", "x", 7, [], {}, "A" * 85, "A" * 88, " " * 86],
    "epoch": ["0", 0.5, -1, True, [], {}, 2**31],
}


@pytest.mark.parametrize(
    ("field", "value"), [(f, v) for f, vs in WRONG.items() for v in vs], ids=lambda v: repr(v)[:20]
)
def test_a_malformed_part_is_named(field: str, value: Any) -> None:
    body = Phone().body(uuid4(), 1)
    with pytest.raises(Invalid) as refused:
        read(BallotBody, orjson.dumps({**body, field: value})).submission()
    assert refused.value.field == field and refused.value.message.startswith(f"{field}: ")


@pytest.mark.parametrize("missing", ["key", "signature"])
def test_half_a_signature_is_none(missing: str) -> None:
    body = Phone().body(uuid4(), 1)
    del body[missing]
    with pytest.raises(Invalid) as refused:
        read(BallotBody, orjson.dumps(body)).submission()
    assert refused.value.field == missing
