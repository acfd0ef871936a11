"""How the admin looks (django-unfold): names, icons, and the greens of frontend/design/tokens.css."""

from django.templatetags.static import static

UNFOLD = {
    "SITE_TITLE": "Tallyline",
    "SITE_HEADER": "Tallyline",
    "SITE_SUBHEADER": "Live lines and live votes",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "queues.admin.dashboard.dashboard",
    "STYLES": ["web.admin.stylesheet"],
    "SCRIPTS": ["web.admin.script"],
    "SITE_ICON": lambda request: static("img/icon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/icon.svg")}],
    "COLORS": {
        "primary": {
            "50": "#eefaf6",
            "100": "#d5f2e8",
            "200": "#aee4d3",
            "300": "#7ad0b9",
            "400": "#45b498",
            "500": "#1f8f76",
            "600": "#0c6251",
            "700": "#0a5546",
            "800": "#084739",
            "900": "#073b30",
            "950": "#03231d",
        }
    },
}
