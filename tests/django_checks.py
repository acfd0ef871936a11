"""`python -m tests.django_checks`, in `make lint`: Django's own checks, then missing migrations, in one process."""

import os
import sys
import warnings

import django
from django.core.management import CommandError, call_command


def main() -> None:
    """Ends the process with 1 for what the checks find, and when a model has changes that no migration makes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        call_command("check")
    except CommandError as problem:
        sys.exit(str(problem))
    # It also compares the migrations with the database's history; without one it warns, and compares models all the same.
    warnings.simplefilter("ignore", RuntimeWarning)
    call_command("makemigrations", check_changes=True, dry_run=True, skip_checks=True)


if __name__ == "__main__":
    main()
