"""The OpenAPI page, /api/docs."""

from csp.constants import SELF
from csp.decorators import csp_update
from drf_spectacular.views import SpectacularSwaggerSplitView

# Swagger UI's page has one inline <style>; its hash lets in that one and no other (a browser test notices a new one).
_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"

docs = csp_update({"style-src": [SELF, _STYLE]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))
