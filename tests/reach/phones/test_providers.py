"""What becomes of a text when its provider answers, refuses, hangs or lies."""

from typing import Any

import pytest

from reach.providers import Account, Channel, Fate, Posted, Text, micros, sender_of
from tests.reach.phones.provider import SECRET, SID, TOKEN, Reply, TextProvider
from tests.resolver import Resolver


def send(provider: TextProvider, kind: str, url: str = "", key: str = "k" * 36, **more: Any) -> Posted:
    """One text by this kind of provider."""
    account = Account(sid=SID, token=TOKEN, sender="+15005550006", url=url or provider.url, secret=SECRET, **more)
    channel = more.pop("channel", Channel.SMS)
    return sender_of(kind)(
        account, Text(key, "+34612345678", "¡Ya es su turno!", channel, f"https://line.example/{key}")
    )


@pytest.mark.parametrize("kind", ["twilio", "gateway"])
def test_a_text_that_is_taken_arrives_as_it_was_written(provider: TextProvider, kind: str) -> None:
    posted = send(provider, kind)
    assert (posted.fate, posted.provider_id) == (Fate.TAKEN, f"SM{1:032d}")
    [took] = provider.took
    assert (took.to, took.text, took.receipts) == (
        "+34612345678",
        "¡Ya es su turno!",
        f"https://line.example/{'k' * 36}",
    )


@pytest.mark.parametrize("kind", ["twilio", "gateway"])
@pytest.mark.parametrize(
    ("reply", "fate", "after_s"),
    [
        (Reply(429, {"Retry-After": "7"}), Fate.LATER, 7.0),
        (Reply(429, {"Retry-After": "soon"}), Fate.LATER, None),
        (Reply(500, {"Retry-After": "99999"}, told="<html>"), Fate.LATER, 600.0),
        (Reply(503, {"Retry-After": "Thu, 31 Dec 2099 23:59:59 GMT"}), Fate.LATER, 600.0),
        (Reply(503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), Fate.LATER, 0.0),
        (Reply(503), Fate.LATER, None),
        (Reply(307, {"Location": "/elsewhere"}), Fate.REFUSED, None),
        (Reply(401), Fate.REFUSED, None),
        (Reply(400), Fate.REFUSED, None),
    ],
)
def test_an_answer_says_whether_to_try_again(
    provider: TextProvider, kind: str, reply: Reply, fate: Fate, after_s: float | None
) -> None:
    provider.reply = reply
    posted = send(provider, kind)
    assert (posted.fate, posted.after_s) == (fate, after_s)
    assert str(reply.status) in posted.detail and "34612345678" not in posted.detail
    assert (provider.asked, provider.took) == (1, [])


@pytest.mark.parametrize(("kind", "hung"), [("twilio", Fate.UNCLEAR), ("gateway", Fate.LATER)])
def test_a_provider_that_hangs_may_have_the_text(provider: TextProvider, settings: Any, kind: str, hung: Fate) -> None:
    """Only a gateway tells attempts of one message apart, so only there trying again is safe."""
    settings.TEXT_TIMEOUT_S = 0.5
    provider.replies = [Reply(how="hang"), Reply(how="drop")]
    assert send(provider, kind).fate == hung
    settings.TEXT_TIMEOUT_S = 5.0
    assert send(provider, kind).fate == hung
    assert send(provider, kind).fate == Fate.TAKEN
    assert len(provider.took) == (1 if kind == "gateway" else 2)


@pytest.mark.parametrize("kind", ["twilio", "gateway"])
def test_a_provider_that_is_not_there_has_no_text(provider: TextProvider, settings: Any, kind: str) -> None:
    provider.close()
    assert send(provider, kind).fate == Fate.LATER


def test_twilios_errors_tell_a_wrong_number_from_one_that_said_stop(provider: TextProvider) -> None:
    for code, fate in ((21614, Fate.GONE), (21211, Fate.GONE), (21610, Fate.STOPPED), (63018, Fate.LATER)):
        provider.reply = Reply(400, told={"code": code, "message": "no", "status": 400, "more_info": ""})
        assert send(provider, "twilio").fate == fate
    provider.reply = Reply(201, told={"sid": "SM9", "num_segments": "3", "price": "-0.0225"})
    assert send(provider, "twilio") == Posted(Fate.TAKEN, provider_id="SM9", segments=3, cost_micros=22_500)


def test_a_gateway_may_tell_segments_and_costs_and_lies_are_ignored(provider: TextProvider) -> None:
    provider.reply = Reply(202, told={"id": "a", "segments": 2, "cost": "0.08"})
    assert send(provider, "gateway") == Posted(Fate.TAKEN, provider_id="a", segments=2, cost_micros=80_000)
    lies: list[Any] = [{"id": 7, "segments": True, "cost": "NaN"}, {"segments": -1, "cost": "1e99"}, "[]", "<html>"]
    for lie in lies:
        provider.reply = Reply(200, told=lie)
        assert send(provider, "gateway") == Posted(Fate.TAKEN)
    assert [micros(told) for told in ("0.04", -0.0075, None, "x", "Infinity")] == [40_000, 7_500, None, None, None]


def test_a_gateway_at_an_inner_address_is_never_asked(provider: TextProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, ["10.0.0.7"])
    for url in (provider.url.replace("127.0.0.1", "localhost"), "http://gateway.example/x"):
        assert "not allowed" in send(provider, "gateway", url=url).detail
    assert "not public" in send(provider, "gateway", url="https://gateway.example/x").detail
    assert provider.asked == 0
