"""Routes of analytics: one of the API, the report pages and their files."""

from django.urls import path

from analytics import api, mail_pages, pages, report_api, venue_pages
from core.api_paths import api_path

urlpatterns = [
    api_path("api/track", api.track, name="track"),
    api_path("api/reports", report_api.get_report),
    path("queue/<str:code>/report", pages.line_report, name="line-report"),
    path("queue/<str:code>/report.csv", pages.line_csv, name="line-report-csv"),
    path("venue/reports", venue_pages.venue_reports, name="venue-reports"),
    path("venue/reports.csv", venue_pages.venue_csv, name="venue-reports-csv"),
    path("venue/reports/mail", mail_pages.choose, name="choose-weekly-mail"),
    path("mail/weekly/<uuid:mail_id>/<str:proof>", mail_pages.end, name="weekly-mail"),
    path("venues/<uuid:venue_id>/report", venue_pages.earlier_address, {"now": "venue-reports"}),
    path("venues/<uuid:venue_id>/report.csv", venue_pages.earlier_address, {"now": "venue-reports-csv"}),
]
