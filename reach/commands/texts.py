"""What owners set about texts: who carries them, how they look, when they rest, and what they may cost. Events of the venue."""

from dataclasses import dataclass, field, fields
from datetime import time
from uuid import UUID

from core import clock
from core.actors import SYSTEM, Actor
from core.change import Fields, durable, set_field
from core.errors import Conflict, Invalid, existing
from core.visible import shown
from outbox.addresses import NotAllowed
from outbox.seen import require_seen
from outbox.signing import new_secret
from reach import numbers
from reach.commands import proofs
from reach.providers.posting import parse
from reach.refusals import NO_TEXTS
from reach.text_models import LONGEST_SENDER, LONGEST_URL, PRICE_MICROS, Provider
from venues.log import lock_venue, log
from venues.models import Venue

# What an event may hold of a provider: no secret, and no address of a program.
_TOLD = (
    "kind",
    "sender",
    "whatsapp_sender",
    "quiet_from",
    "quiet_until",
    "price_micros",
    "currency",
    "cap_micros",
    "prove_numbers",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The settings. An empty `token` keeps the one that is kept."""

    kind: str
    sid: str = ""
    token: str = field(default="", repr=False)
    url: str = ""
    sender: str = ""
    whatsapp_sender: str = ""
    whatsapp_template: str = ""
    quiet_from: time | None = None
    quiet_until: time | None = None
    price_micros: int = PRICE_MICROS
    currency: str = "USD"
    cap_micros: int | None = None
    prove_numbers: bool = False


@durable()
def set_texts(
    *, venue_id: UUID, texts: Texts, origin: str, saw: str = "", actor: Actor = SYSTEM
) -> tuple[Provider, str]:
    """Sets how the venue's texts go out. Returns the provider, and its secret if one was made: for a new gateway, once.

    Raises Invalid, which names the field; Overtaken when what it would change is not as the page showed it (`saw`)."""
    venue = lock_venue(venue_id)
    row = Provider.objects.filter(venue=venue).first() or Provider(venue=venue, kind=texts.kind, made_at=clock.now())
    changes: Fields = {}
    _check(texts, venue, has_token=bool(row.token))
    for each in fields(texts):
        value = getattr(texts, each.name)
        if each.name == "token" and not value:
            continue
        set_field(row, each.name, value, changes)
    require_seen(venue.pk, saw, changes, by={"set_texts"}, actor=actor)
    row.origin = origin
    secret = ""
    if row.kind == Provider.Kind.GATEWAY and not row.secret:
        row.secret = secret = new_secret()
    row.failing_since, row.problem = None, ""
    row.save()
    if not row.prove_numbers:
        proofs.release(venue_id)
    told = {name: both for name, both in changes.items() if name in _TOLD}
    log(venue, "VENUE_TEXTS_SET", actor=actor, action="set_texts", changes={"texts": told})
    return row, secret


def _check(texts: Texts, venue: Venue, *, has_token: bool) -> None:
    if texts.kind == Provider.Kind.TWILIO:
        if not (texts.sid.startswith("AC") and len(texts.sid) == 34 and texts.sid.isalnum() and texts.sid.isascii()):
            raise Invalid("An account of Twilio is AC and 32 letters and digits.", field="sid")
        if not texts.token and not has_token:
            raise Invalid("Twilio's auth token is needed.", field="token")
    elif texts.kind == Provider.Kind.GATEWAY:
        try:
            url = parse(texts.url.strip()).url
        except NotAllowed as problem:
            raise Invalid(f"This {problem}", field="url") from None
        if len(url) > LONGEST_URL:
            raise Invalid(f"At most {LONGEST_URL} characters.", field="url")
    else:
        raise Invalid("Choose who carries your texts.", field="kind")
    if not texts.sender and not texts.whatsapp_sender:
        raise Invalid("A sender of SMS or of WhatsApp is needed.", field="sender")
    for name in ("sender", "whatsapp_sender"):
        if len(shown(getattr(texts, name), name)) > LONGEST_SENDER:
            raise Invalid(f"At most {LONGEST_SENDER} characters.", field=name)
    if (texts.quiet_from is None) != (texts.quiet_until is None):
        raise Invalid("Quiet hours have a beginning and an end.", field="quiet_until")
    if texts.quiet_from is not None and texts.quiet_from == texts.quiet_until:
        raise Invalid("Quiet hours end at another time than they begin.", field="quiet_until")
    if not (len(texts.currency) == 3 and texts.currency.isascii() and texts.currency.isupper()):
        raise Invalid("A currency has three letters, such as USD.", field="currency")


def region_of(venue: Venue) -> str:
    """The country of numbers that its guests type without a country code."""
    return numbers.region_of(venue.timezone)


@durable()
def new_gateway_secret(*, venue_id: UUID, actor: Actor = SYSTEM) -> str:
    """A new secret of the gateway, which is returned this once; the one before ends. Raises NotFound, Conflict."""
    venue, row = _locked(venue_id)
    if row.kind != Provider.Kind.GATEWAY:
        raise Conflict("Only a gateway of your own has a secret of ours.")
    row.secret = new_secret()
    row.save(update_fields=["secret"])
    log(venue, "VENUE_TEXTS_SET", actor=actor, action="new_gateway_secret")
    return row.secret


@durable()
def remove_texts(*, venue_id: UUID, actor: Actor = SYSTEM) -> None:
    """Ends texts, and forgets the provider's secrets; numbers that said STOP stay. Raises NotFound."""
    venue, row = _locked(venue_id)
    row.delete()
    proofs.release(venue_id)
    log(venue, "VENUE_TEXTS_SET", actor=actor, action="remove_texts")


def _locked(venue_id: UUID) -> tuple[Venue, Provider]:
    venue = lock_venue(venue_id)
    return venue, existing(Provider.objects.filter(venue=venue).first(), NO_TEXTS)
