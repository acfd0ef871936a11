"""Why a command refuses. Each knows its HTTP status; the API and the pages turn it into their own shape."""

from typing import ClassVar

from core.refusals import Reason


class Refused(Exception):
    """A command that changed nothing. `field` names the one value that was wrong, if any; with `named` the sentence begins
    with it, as programs read it."""

    status: ClassVar[int] = 400

    # Seconds after which trying again may help; None where it cannot.
    retry_after_s: int | None = None

    def __init__(self, reason: Reason | str, *, field: str | None = None, named: bool = False) -> None:
        self.reason = reason if isinstance(reason, Reason) else Reason("", reason)
        self.field = field
        self._prefix = f"{field}: " if named else ""
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence in English, as programs read it."""
        return self._prefix + self.reason.english

    def in_words(self) -> str:
        """The sentence in the active language."""
        return self._prefix + self.reason.in_words()


class Invalid(Refused):
    """A value that can never be right."""


class NotFound(Refused):
    """No such line, or no such party in it."""

    status = 404


class Unproven(Refused):
    """A host's action without any proof of being one."""

    status = 401


class Forbidden(Refused):
    """A proof that is wrong, or for another line."""

    status = 403


class Conflict(Refused):
    """Right in itself, but not in the line's present state: closed, full, taken, changed meanwhile."""

    status = 409


class TooMany(Refused):
    """This client has done this too often lately. `retry_after_s`: when it may again."""

    status = 429

    def __init__(self, reason: Reason | str, *, retry_after_s: int) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Busy(Refused):
    """A lock could not be had in time (law 2). Nothing happened; trying again is safe."""

    status = 503
    retry_after_s = 1
