"""Paths of reach: the guest's choice, the owner's channels, the link that ends e-mails."""

from django.urls import path

from reach.pages import stop

urlpatterns = [
    path("mail/reach/<uuid:message_id>/<str:proof>", stop.stop_email, name="stop-email"),
]
