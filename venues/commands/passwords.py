"""Commands on forgotten passwords."""

from core import clock
from core.actors import GUEST
from core.change import durable
from core.hashing import keyed
from mail.commands import post

# A second mail to one address within this time would say the same.
RESET_EVERY_S = 300


@durable()
def request_password_reset(*, email: str, origin: str) -> None:
    """Has a link for a new password sent to the address, if an account has it.

    Whether one does is looked up when the mail is sent (venues/letters.py): here every address takes the same time. At most one
    mail in RESET_EVERY_S seconds. `origin`: as of `invite`.
    """
    address = email.strip().lower()
    span = int(clock.now().timestamp()) // RESET_EVERY_S
    once = f"reset {keyed('reset', address).hex()[:32]} {span}"
    post(kind="password_reset", to=address, origin=origin, once=once, actor=GUEST)
