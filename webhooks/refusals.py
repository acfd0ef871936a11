"""Why a command on webhooks refuses."""

from core.refusals import Reason

NO_WEBHOOK = Reason("no_webhook", "There is no such webhook.")
NO_EVENT = Reason("no_event", "There is no such event for this webhook.")
RECEIVERS_WAIT = Reason("receivers_wait", "Others wait for slow receivers just now. Try again in some seconds.")
