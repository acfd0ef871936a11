"""Why a backup is not made, or not restored."""


class Refused(Exception):
    """The message is one sentence for the person at the terminal. Nothing has been changed."""
