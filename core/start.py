"""What a process of ours checks before it starts to work."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core import environment as env


class CannotStart(ImproperlyConfigured):
    """The program is set up so that it could lose or mix up what it is given. The message is for the person at the terminal."""


def read_settings() -> None:
    """Reads the settings. Ends the process with a sentence that names the variable, when one of the environment is invalid."""
    try:
        _ = settings.INSTALLED_APPS
    except ValueError as problem:  # of core/environment.py
        raise SystemExit(f"{problem}.") from None


def require_secrets() -> None:
    """Raises CannotStart when a secret that all hosts must share is not set."""
    if problem := env.missing_secrets():
        raise CannotStart(problem)
