"""QR codes."""

import io
from typing import Any

import segno
from django.http import HttpResponse


def qr_response(link: str) -> HttpResponse:
    """The link as an SVG: dark on white with its quiet zone, so that it scans on dark screens too. Browsers keep it an hour."""
    code: Any = segno.make(link, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", scale=8, border=4, light="white", xmldecl=False, svgclass=None, lineclass=None)
    headers = {"Cache-Control": "private, max-age=3600"}
    return HttpResponse(out.getvalue(), content_type="image/svg+xml", headers=headers)
