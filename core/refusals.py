"""Why commands refuse: a stable code and a sentence. People read the sentence in their language, programs in English.

Each slice names its own reasons in a module `refusals`; a command raises them in an error of `core.errors`, by name.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


@dataclass(frozen=True)
class Reason:
    """`sentence` may have places for `values` ("Pick at most {n}."). One that only programs or hosts read is a plain string."""

    code: str
    sentence: str | Promise
    values: dict[str, Any] = field(default_factory=dict)

    def with_values(self, **values: Any) -> "Reason":
        """The same reason with these values in its sentence."""
        return replace(self, values=values)

    def in_words(self) -> str:
        """The sentence in the active language."""
        return str(self.sentence).format_map(self.values) if self.values else str(self.sentence)

    def in_language(self, language: str) -> str:
        """The sentence in this language: for answers of the event loop, where none is active."""
        with override(language):
            return self.in_words()

    @cached_property
    def english(self) -> str:
        """The sentence as programs read it."""
        return self.in_language("en")

    def __str__(self) -> str:
        return self.english


BUSY = Reason("busy", _("Others are at it just now. Please try again."))
FOREIGN_ORIGIN = Reason("foreign_origin", "This origin is not allowed.")
KEY_USED = Reason("key_used", "This Idempotency-Key was sent before with another body.")
OVERTAKEN = Reason(
    "overtaken", "This was changed meanwhile, so nothing was saved. Look at the current values, then save again."
)
TOO_MANY_REQUESTS = Reason("too_many_requests", _("Too many requests. Please wait a little."))
UNAVAILABLE = Reason("unavailable", "Please try again.")
