from django.apps import AppConfig


class MailConfig(AppConfig):
    """Mails to people: what is to be sent, and what came of it."""

    name = "mail"
    verbose_name = "Mail"
