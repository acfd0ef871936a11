"""Paths of reach: the guest's choice, the owner's channels, the link that ends e-mails."""

from django.urls import path

from reach.pages import choose, owner, prove, shown, stop

urlpatterns = [
    path("queue/<code:code>/reach", choose.choose, name="choose-ways"),
    path("queue/<code:code>/reach/code", prove.prove, name="prove-number"),
    path("queue/<code:code>/reach/code/send", prove.send, name="send-code"),
    path("queue/<code:code>/shown", shown.shown, name="call-shown"),
    path("venue/reach", owner.channels, name="venue-reach"),
    path("mail/reach/<uuid:message_id>/<str:proof>", stop.stop_email, name="stop-email"),
]
