"""All writes to venues, accounts, roles and API keys; pages, the admin and management commands call them."""

from venues.commands.keys import create_api_key, grant, revoke_api_key
from venues.commands.made import made_with
from venues.commands.people import change_user, create_host, create_user, remove_member, set_password
from venues.commands.venues import change_venue, create_venue

__all__ = [
    "change_user",
    "change_venue",
    "create_api_key",
    "create_host",
    "create_user",
    "create_venue",
    "grant",
    "made_with",
    "remove_member",
    "revoke_api_key",
    "set_password",
]
