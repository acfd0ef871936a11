"""The OpenAPI page, /api/docs."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from core import rate_limits

# Swagger UI's page has one inline <style>; its hash lets in that one and no other (a browser test notices a new one).
_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"

docs = csp_update({"style-src": [SELF, _STYLE]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))


class Schema(SpectacularAPIView):
    """/api/schema. Made anew for each request, which takes half a second."""

    def initial(self, request: Request, *arguments: Any, **options: Any) -> None:
        """Raises TooMany."""
        super().initial(request, *arguments, **options)
        rate_limits.check(request, rate_limits.DRAW, "schema")
