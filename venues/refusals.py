"""Why hosts and programs are refused, and what commands on a venue's people and invitations say when they refuse. Only hosts and
programs read these, so they are in English."""

from core.refusals import Reason

API_KEY_UNKNOWN = Reason("api_key_unknown", "This API key is not known.")
API_KEY_EXPIRED = Reason(
    "api_key_expired", "This API key expired on {day} (UTC). An owner of the venue can make another."
)
HOSTS_ONLY = Reason("hosts_only", "Only a host may do this.")
NOT_YOUR_VENUE = Reason("not_your_venue", "You do not work for this venue.")
OTHER_VENUES_KEY = Reason("other_venues_key", "This API key is not one of that venue.")
SCOPE_MISSING = Reason("scope_missing", "This API key does not have the scope {needed}.")
SIGN_IN_NEEDED = Reason("sign_in_needed", "Sign in, or send an API key, to make something for a venue.")
WRONG_API_KEY = Reason("wrong_api_key", "This API key is not the one of its owner.")
WRONG_HOST_TOKEN = Reason("wrong_host_token", "This host token is for something else, or has ended.")

LAST_OWNER = "A venue needs an owner. Make another person an owner first."
NOT_A_MEMBER = "This person does not work here any more."
WORKS_HERE = "This person works here already. Their role can be changed below."
INVITED = "This address has an invitation that is still open. Revoke it to send another."
WORKS_THERE = "You work for {venue} already."
HAS_ACCOUNT = "There is an account with this address. Sign in with it first."
NO_KEY = "There is no such key."
SAME_EMAIL = "This is your address already."
NO_NEW_EMAIL = "This link does not work any more. It is good for one hour, and once."
OTHER_ACCOUNT = "This link is for another account than the one you are signed in with."
EMAIL_TAKEN = "Another account has this address. Sign in with it instead."
NO_INVITATION = "There is no such invitation."
USED = "This invitation was used already. Each is good for one person; ask for a new one."
REVOKED = "This invitation was taken back by the venue."
EXPIRED = "This invitation has expired. Each is good for 7 days; ask for a new one."
NO_CODE = "This code opens nothing. It may be mistyped, used already, or older than 5 minutes: ask for a new one."
IS_KIOSK = "This tablet takes guests at the door. Leave that with its PIN first."
WRONG_PIN = "This is not the PIN of this tablet."
NO_DEVICE = "This device was removed before."
FOR_ANOTHER = "This invitation is for {email}, and you are signed in as {yours}."
