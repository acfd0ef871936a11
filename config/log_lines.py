"""Django's settings of logs. A part of config/settings.py."""

from core import environment as env

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "core.logs.Formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    # Request lines may carry a party's id or a host token in a query (old clients): they are not logged at all.
    "loggers": {
        "uvicorn.access": {"handlers": [], "propagate": False},
        "daphne.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        # A lost Redis is told by realtime/pubsub.py in one line, not by a traceback a second.
        "channels_redis.pubsub": {"level": "CRITICAL"},
    },
}
