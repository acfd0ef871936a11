"""All writes to venues, people, invitations and API keys; pages, the admin and management commands call them."""

from venues.commands.invitations import accept_invitation, accept_with_new_account, invite, revoke_invitation
from venues.commands.keys import create_api_key, grant, revoke_api_key
from venues.commands.made import made_with
from venues.commands.passwords import request_password_reset
from venues.commands.people import (
    change_role,
    change_user,
    create_host,
    create_user,
    new_account,
    remove_member,
    set_password,
)
from venues.commands.second_step import use_code
from venues.commands.venues import change_venue, create_venue

__all__ = [
    "accept_invitation",
    "accept_with_new_account",
    "change_role",
    "change_user",
    "change_venue",
    "create_api_key",
    "create_host",
    "create_user",
    "create_venue",
    "grant",
    "invite",
    "made_with",
    "new_account",
    "remove_member",
    "request_password_reset",
    "revoke_api_key",
    "revoke_invitation",
    "set_password",
    "use_code",
]
