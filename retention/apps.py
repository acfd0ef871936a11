from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """Forgets guests after a while, exports what is kept of one, and erases one."""

    name = "retention"
