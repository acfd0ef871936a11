"""All writes to venues and what belongs to them; pages, the admin and management commands call them."""

from venues.commands.devices import (
    begin_kiosk,
    end_kiosk,
    note_use,
    offer_device_code,
    offer_host_code,
    pair_device,
    remove_device,
)
from venues.commands.email import confirm_new_email, request_new_email
from venues.commands.invitations import accept_invitation, accept_with_new_account, invite, revoke_invitation
from venues.commands.keys import create_api_key, expiring_keys, grant, revoke_api_key, use_api_key, warn_of_expiry
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
from venues.commands.services import (
    archive_service,
    change_service,
    create_service,
    locked_service,
    remove_exception,
    restore_service,
    schedule,
    set_exception,
)
from venues.commands.tables import add_tables, change_table, remove_table, rename_section
from venues.commands.venues import change_venue, create_venue, set_logo
