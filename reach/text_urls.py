"""Texts: the owner's page, the host's conversation with a party, and where providers call."""

from django.urls import path

from reach import provider_calls
from reach.pages import conversation, texts

urlpatterns = [
    path("venue/sms", texts.texts, name="texts"),
    path("venue/sms/<slug:action>", texts.act, name="texts-action"),
    path("queue/<code:code>/host/texts/<int:ticket>", conversation.conversation, name="conversation"),
    path("texts/twilio/<uuid:provider>/heard", provider_calls.twilio_heard, name="twilio-heard"),
    path("texts/twilio/<uuid:provider>/receipt/<uuid:message>", provider_calls.twilio_receipt, name="twilio-receipt"),
    path("texts/gateway/<uuid:provider>", provider_calls.gateway_says, name="gateway-says"),
]
