"""A venue with a person of each role, and their browsers."""

from django.test import Client

from venues import commands
from venues.models import Membership, User, Venue

PASSWORD = "correct horse battery"
Role = Membership.Role


def venue_with_people(name: str = "Casa Azul") -> Venue:
    """A venue with an owner, a manager and a host: owner@…, manager@…, host@…."""
    venue = commands.create_venue(name=name, timezone_name="Europe/Madrid")
    for role in Role:
        commands.create_host(email=f"{role}@example.com", venue=venue, password=PASSWORD, role=role)
    return venue


def browser_of(who: str) -> Client:
    """The browser of a person who is signed in, by the name in their address; of a stranger for an empty one."""
    client = Client()
    if who:
        client.force_login(User.objects.get(email=f"{who}@example.com"))
    return client


def member(who: str) -> Membership:
    """The role of the person with this name in their address."""
    return Membership.objects.get(user__email=f"{who}@example.com")
