"""What a process of ours checks before it starts to work."""

from django.core.exceptions import ImproperlyConfigured

from core import environment as env


class CannotStart(ImproperlyConfigured):
    """The program is set up so that it could lose or mix up what it is given. The message is for the person at the terminal."""


def require_secrets() -> None:
    """Raises CannotStart when a secret that all hosts must share is not set."""
    if problem := env.missing_secrets():
        raise CannotStart(problem)
