"""Path converters: `<code:code>`, a short code in any case. Importing this module registers it."""

from django.urls import register_converter
from django.urls.converters import StringConverter

from core.codes import CODE_IN_ANY_CASE


class CodeConverter(StringConverter):
    """A short code, as it stands in the path. Pages redirect to its canonical spelling (venues/host_pages.py)."""

    regex = CODE_IN_ANY_CASE


register_converter(CodeConverter, "code")
