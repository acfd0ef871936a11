"""Path converters: `<code:code>`, a short code in any case, `<venue:slug>`, `<colour:colour>`. Importing this module registers
them."""

from django.urls import register_converter
from django.urls.converters import StringConverter

from core.codes import CODE_IN_ANY_CASE
from core.slugs import SLUG


class CodeConverter(StringConverter):
    """A short code, as it stands in the path. Pages redirect to its canonical spelling (venues/host_pages.py)."""

    regex = CODE_IN_ANY_CASE


class SlugConverter(StringConverter):
    """A venue's slug. Its other spellings are no path of ours, so core/identifiers.py redirects them to this one."""

    regex = SLUG


class ColourConverter(StringConverter):
    """A colour, rrggbb."""

    regex = "[0-9a-f]{6}"


register_converter(CodeConverter, "code")
register_converter(SlugConverter, "venue")
register_converter(ColourConverter, "colour")
