from django.apps import AppConfig


class PollsConfig(AppConfig):
    """Polls, ballots, tallies and live rooms."""

    name = "polls"
    verbose_name = "Polls"
