"""Routes of analytics: one of the API, the report pages and their files."""

from django.urls import path

from analytics import api, pages
from core.api_paths import api_path

urlpatterns = [
    api_path("api/track", api.track, name="track"),
    path("queue/<str:code>/report", pages.line_report, name="line-report"),
    path("queue/<str:code>/report.csv", pages.line_csv, name="line-report-csv"),
    path("venues/<uuid:venue_id>/report", pages.venue_report, name="venue-report"),
    path("venues/<uuid:venue_id>/report.csv", pages.venue_csv, name="venue-report-csv"),
]
