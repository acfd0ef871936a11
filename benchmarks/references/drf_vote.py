"""The usual way to count votes: a DRF view that inserts a vote and counts it in one row, in a transaction each, under WSGI. No
middleware, no sessions, no limits, no receipt; Django keeps its connection.

Environment: DATABASE_URL, whose database has the tables of benchmarks/s04_ballots.py.
"""

import os
from typing import ClassVar

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

_parts = conninfo_to_dict(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY="not secret",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=[],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _parts["dbname"],
            "USER": _parts.get("user", ""),
            "PASSWORD": _parts.get("password", ""),
            "HOST": _parts.get("host", ""),
            "PORT": _parts.get("port", ""),
            "CONN_MAX_AGE": None,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Vote(models.Model):
    """A voter's choice."""

    pk = models.CompositePrimaryKey("poll", "voter")
    poll = models.IntegerField()
    voter = models.UUIDField()
    ballot = models.UUIDField()
    choice = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label, db_table, managed = "bench", "bench_vote", False

    def __str__(self) -> str:
        return f"{self.ballot}"


class Counter(models.Model):
    """How many votes a poll has."""

    poll = models.IntegerField(primary_key=True)
    count = models.BigIntegerField()

    class Meta:
        app_label, db_table, managed = "bench", "bench_counter", False

    def __str__(self) -> str:
        return f"{self.count} votes"


class Ballot(serializers.Serializer[Vote]):
    """The body."""

    ballotId: ClassVar = serializers.UUIDField()
    choices: ClassVar = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=3), max_length=1)
    token: ClassVar = serializers.UUIDField()


class Ballots(APIView):
    """Takes votes."""

    def post(self, request: Request, poll: int) -> Response:
        """201 once it is committed."""
        sent = Ballot(data=request.data)
        sent.is_valid(raise_exception=True)
        with transaction.atomic():
            vote = Vote._default_manager.create(
                poll=poll,
                voter=sent.validated_data["token"],
                ballot=sent.validated_data["ballotId"],
                choice=sent.validated_data["choices"][0],
                at=timezone.now(),
            )
            Counter._default_manager.filter(poll=poll).update(count=models.F("count") + 1)
        return Response({"status": "counted", "ballotId": vote.ballot}, status=201)


urlpatterns = [path("polls/<int:poll>/ballots", Ballots.as_view())]
application = get_wsgi_application()
