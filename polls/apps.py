from django.apps import AppConfig


class PollsConfig(AppConfig):
    """Polls, ballots and tallies."""

    name = "polls"
    verbose_name = "Polls"
