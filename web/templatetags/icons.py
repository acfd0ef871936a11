"""`{% icon "name" %}`: an icon of Lucide beside words. The name is a literal: frontend/icons.ts reads it in the templates and
bundles those icons only (decision 0078)."""

from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader

register = template.Library()

SPRITE = "design/icons.svg"


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """The icon in the colour and size of the text. Screen readers skip it: a button needs words, too, if unseen ones.

    Cached: a console renders one in each row, each time anew.
    """
    sprite = DjangoViteAssetLoader.instance().generate_vite_asset_url(SPRITE)
    return format_html(
        '<svg class="icon" width="20" height="20" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name
    )
