"""What our own host console is answered, for the OpenAPI page."""

from typing import Any

from rest_framework import serializers

from queues.api.answers import HostMessage, Party
from web.serializers import Moment, Ms, kind


class ConsoleParty(Party):
    """A party as our own console shows it."""

    ticket = serializers.IntegerField()
    rank = serializers.IntegerField()
    note = serializers.CharField()
    walkIn = serializers.BooleanField()
    quoteLowMs = Ms()
    quoteHighMs = Ms()
    calledAt = Moment(allow_null=True)
    deadline = Moment(allow_null=True)
    wantsMoreTime = serializers.BooleanField()
    lateAt = Moment(allow_null=True, help_text="Since when it is late: still called, and a host decides.")
    onMyWayAt = Moment(allow_null=True, help_text="When its guest said “On my way”, in this call.")
    hasPhone = serializers.BooleanField(help_text="Whether a phone shows its ticket. No clock ends it without one.")
    message = serializers.CharField(help_text="The host's message to this guest, or empty.")
    section = serializers.CharField(help_text="Where the party wishes to sit; empty: anywhere.")
    hasContact = serializers.BooleanField(help_text="Whether it is told by SMS, WhatsApp or e-mail, too.")
    wroteAt = Moment(allow_null=True, help_text="When its guest last wrote by SMS or WhatsApp.")
    textsStopped = serializers.BooleanField(help_text="Whether its number said STOP.")
    waitLowMs = Ms(required=False)
    waitHighMs = Ms(required=False)


class WaitByHand(serializers.Serializer[Any]):
    """The wait that a host has set for new guests, until a time."""

    lowMs = Ms()
    highMs = Ms()
    until = Moment()


class Console(serializers.Serializer[Any]):
    """All that our own host console shows."""

    type = kind("console")
    version = serializers.IntegerField()
    code = serializers.CharField()
    eventName = serializers.CharField()
    maxGuests = serializers.IntegerField()
    paused = serializers.BooleanField()
    closed = serializers.BooleanField()
    served = serializers.IntegerField()
    message = HostMessage(allow_null=True)
    pauseReason = serializers.CharField()
    wait = WaitByHand(allow_null=True)
    full = serializers.BooleanField()
    waiting = ConsoleParty(many=True)
    called = ConsoleParty(many=True)
    waitsUnknown = serializers.BooleanField(required=False, help_text="As in the public snapshot.")
    joinUnknown = serializers.BooleanField(required=False, help_text="As in the public snapshot.")
