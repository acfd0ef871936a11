"""Commands on the second step of signing in."""

from allauth.mfa.models import Authenticator

from core import clock
from core.change import durable
from core.hashing import keyed

# So long a code of an authenticator app is right: its step of time, and the one before and after (MFA_TOTP_TOLERANCE).
CODE_LIVES_S = 90


@durable()
def use_code(*, authenticator_id: int, code: str) -> bool:
    """Marks a right code of an authenticator app as used; False when it was used before. A recovery code is marked by
    django-allauth."""
    row = Authenticator.objects.select_for_update().get(pk=authenticator_id)
    if row.type != Authenticator.Type.TOTP:
        return True
    now, used = clock.now().timestamp(), keyed("totp", f"{row.pk}:{code.replace(' ', '')}").hex()
    before, at = row.data.get("used", ["", 0.0])
    if before == used and now - at < CODE_LIVES_S:
        return False
    row.data["used"] = [used, now]
    row.save(update_fields=["data"])
    return True
