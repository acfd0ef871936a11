"""What the queue API answers about tables, for the OpenAPI page. The answer is made in queues/api/tables.py."""

from typing import Any

from rest_framework import serializers

from web.serializers import Moment, Ms


class AtTable(serializers.Serializer[Any]):
    """A party at a table. Of another line of the venue, the name and id are null."""

    partyId = serializers.UUIDField(allow_null=True)
    ticket = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    size = serializers.IntegerField()
    line = serializers.CharField(help_text="The code of its line.")
    since = Moment()
    tableIds = serializers.ListField(child=serializers.IntegerField())
    satMs = Ms()
    expectedMs = Ms(help_text="How long a party of this size is expected to sit, by the venue’s past turns.")


class ForTable(serializers.Serializer[Any]):
    """A party for a table. `due`: it was passed over as often as the venue allows."""

    partyId = serializers.UUIDField()
    tableIds = serializers.ListField(child=serializers.IntegerField())
    due = serializers.BooleanField()


class TableNow(serializers.Serializer[Any]):
    """A table. `taken`: null when it is free. `keptFor`: a large party that is due and needs it together with others."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    seats = serializers.IntegerField()
    section = serializers.CharField()
    joins = serializers.ListField(child=serializers.IntegerField())
    taken = AtTable(allow_null=True)
    proposals = ForTable(many=True)
    keptFor = serializers.UUIDField(allow_null=True)


class Tables(serializers.Serializer[Any]):
    """A venue's tables, in their order."""

    tables = TableNow(many=True)
