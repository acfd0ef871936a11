"""The table of what hosts' devices have sent, so that sending it again does nothing more (decision 0076)."""

from typing import ClassVar

from django.db import models


class SentAction(models.Model):
    """An action of a host as its device sent it, and its outcome. Written in the transaction of its command, also when that was
    refused; deleted by the timers after a while (commands/sent.py)."""

    queue = models.ForeignKey("queues.Queue", on_delete=models.CASCADE, related_name="sent_actions")
    action_id = models.UUIDField(help_text="Made by the device.")
    asked = models.CharField(max_length=32, help_text="The fingerprint of what was sent.")
    action = models.CharField(max_length=24, help_text="The name of the button.")
    party_id = models.UUIDField(null=True, blank=True, help_text="The party it was about, or that it has added.")
    pressed_at = models.DateTimeField(help_text="By the device.")
    at = models.DateTimeField()
    version = models.BigIntegerField(
        null=True, blank=True, help_text="What it made of the line; none: nothing changed."
    )
    refusal = models.TextField(blank=True, help_text="Why it was not done; empty: it was.")
    code = models.CharField(max_length=40, blank=True, help_text="The reason of the refusal by its name.")
    state = models.CharField(max_length=24, blank=True, help_text="The party's state after it (queues/seen.py).")
    details = models.CharField(
        max_length=16, blank=True, help_text="What could be edited of the party after it, as a mark."
    )

    class Meta:
        verbose_name = "sent action"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "action_id"], name="one_outcome_per_sent_action"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="sent_action_at")]

    def __str__(self) -> str:
        return f"{self.action} ({self.action_id})"
