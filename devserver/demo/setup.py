"""The demo's venue, tables, people and API key. Their secrets stay in DATA_DIR/demo.json."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from core.actors import SYSTEM
from core.environment import write_private
from core.zones import proposed_zone
from devserver.demo.arrivals import TABLES
from queues import commands as queue_commands
from queues import sitting
from venues import commands, keys
from venues.models import NO_ZONE, Membership, User, Venue
from venues.tables import Table

VENUE = "Trattoria Demo"
OWNER, HOST = "owner@trattoria.example", "host@trattoria.example"
# The section of the tables with so many seats.
_SECTIONS = {2: "Terrace", 4: "Inside", 8: "Inside"}
_ROLES = {OWNER: Membership.Role.OWNER, HOST: Membership.Role.HOST}


@dataclass(slots=True)
class SignIn:
    """The demo's secrets in plain text: reading DATA_DIR is enough to sign in."""

    owner_password: str
    host_password: str
    api_key: str = ""

    def lines(self) -> list[str]:
        """The sign-in, as lines for the terminal."""
        return [
            f"Sign in to {VENUE} as",
            f"  owner: {OWNER}  password: {self.owner_password}  (also for /admin/)",
            f"  host:  {HOST}  password: {self.host_password}",
        ]


def set_up() -> SignIn:
    """Makes the missing ones of venue, tables, people and key. Idempotent: gives the same sign-in again.

    A changed password is kept.
    """
    path = settings.DATA_DIR / "demo.json"
    kept = _read(path)
    sign_in = kept or SignIn(owner_password=secrets.token_urlsafe(9), host_password=secrets.token_urlsafe(9))
    venue = Venue.objects.filter(name=VENUE).order_by("created_at", "pk").first()
    if venue is None:
        venue = commands.create_venue(name=VENUE, timezone_name=proposed_zone() or NO_ZONE)
    if not venue.tables.exists():
        for seats, names in TABLES.items():
            commands.add_tables(venue_id=venue.pk, names=names, seats=seats, section=_SECTIONS[seats])
    for email, password in ((OWNER, sign_in.owner_password), (HOST, sign_in.host_password)):
        known = User.objects.filter(email=email).exists()
        if not known and email == OWNER:
            # The demo's owner is also staff, so that the admin can be tried.
            commands.create_user(email=email, password=password, is_staff=True, is_superuser=True)
        commands.create_host(
            email=email, venue=venue, role=_ROLES[email], password=None if known and kept is not None else password
        )
    found = keys.find(sign_in.api_key)
    if found is None or found.venue_id != venue.pk:
        _, sign_in.api_key = commands.create_api_key(venue=venue, name="demo")
    write_private(path, json.dumps(asdict(sign_in)))
    return sign_in


def clear_tables() -> dict[str, int]:
    """Frees the demo's tables, for an evening before this one may have been cut off. Returns their ids by their names."""
    venue = Venue.objects.filter(name=VENUE).order_by("created_at", "pk").get()
    for party in sitting.at_tables(venue.pk):
        queue_commands.free_table(party.queue_id, party_id=party.pk, actor=SYSTEM)
    return dict(Table.objects.filter(venue=venue, archived_at=None).values_list("name", "pk"))


def _read(path: Path) -> SignIn | None:
    """The stored sign-in; None when the file is missing or unreadable."""
    try:
        return SignIn(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
