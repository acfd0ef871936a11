"""Errors that commands raise when they refuse, each with its HTTP status. APIs and pages render them in their own form."""

from typing import ClassVar, Self, TypeVar

from core.api_paths import is_of_older_contract
from core.refusals import Reason

Row = TypeVar("Row")


class Refused(Exception):
    """A command that changed nothing. `field` names the one value that was wrong, if any; with `named` the sentence begins
    with it, as programs read it. `kind` is the code of a refusal whose reason has none."""

    status: ClassVar[int] = 400
    kind: ClassVar[str] = "invalid"

    # Seconds after which trying again may help; None where it cannot.
    retry_after_s: int | None = None

    def __init__(self, reason: Reason | str, *, field: str | None = None, named: bool = False) -> None:
        self.reason = reason if isinstance(reason, Reason) else Reason("", reason)
        self.field = field
        self._prefix = f"{field}: " if named else ""
        super().__init__(self.message)

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer: Retry-After (RFC 9110, 10.2.3), where trying again may help."""
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}

    @property
    def message(self) -> str:
        """The sentence in English, as programs read it."""
        return self._prefix + self.reason.english

    def naming_field(self) -> Self:
        """The same refusal, whose sentence begins with its field, as programs read it."""
        self._prefix = f"{self.field}: " if self.field else ""
        return self

    def in_words(self) -> str:
        """The sentence in the active language."""
        return self._prefix + self.reason.in_words()

    def beside_field(self) -> str:
        """The sentence in the active language, as people read it beside the field: without the field's name."""
        sentence = self.reason.in_words()
        return sentence[:1].upper() + sentence[1:]

    def view(self, path: str, sentence: str = "") -> dict[str, str]:
        """The body of the answer at this path, in English or with this sentence; with the code, where no older contract fixes
        the shape."""
        error = {"error": sentence or self.message}
        return error if is_of_older_contract(path) else {**error, "code": self.reason.code or self.kind}


class Invalid(Refused):
    """A value that is invalid in any state."""


class NotFound(Refused):
    """There is no such line, party, poll or room."""

    status, kind = 404, "not_found"


def existing(row: Row | None, missing: Reason | str, *, field: str | None = None) -> Row:
    """The row that was looked up. Raises NotFound with the reason `missing` when there is none."""
    if row is None:
        raise NotFound(missing, field=field)
    return row


class Unproven(Refused):
    """A host's action without a host's proof."""

    status, kind = 401, "unproven"


class Forbidden(Refused):
    """A proof that is wrong, has ended, or is for something else."""

    status, kind = 403, "forbidden"


class Conflict(Refused):
    """Valid, but not in the present state: closed, full, taken, or changed since the client read it."""

    status, kind = 409, "conflict"


class TooMany(Refused):
    """Over a rate limit. `retry_after_s`: seconds until the next try is allowed."""

    status, kind = 429, "too_many_requests"

    def __init__(self, reason: Reason | str, *, retry_after_s: int, field: str | None = None) -> None:
        super().__init__(reason, field=field)
        self.retry_after_s = retry_after_s


class Busy(Refused):
    """A lock could not be taken in time (law 2). Nothing has changed; trying again is safe."""

    status, kind = 503, "busy"
    retry_after_s = 1
