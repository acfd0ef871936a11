"""Paths of the API of contacts, below /api/queue/."""

from core.api_paths import api_path as path
from reach.api import views

urlpatterns = [
    path("<str:code>/contact", views.contact),
    path("<str:code>/choose-ways", views.choose_ways),
    path("<str:code>/send-code", views.send_code),
    path("<str:code>/prove-number", views.prove_number),
]
