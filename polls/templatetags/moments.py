"""Moments in sentences: `{% moment poll.ends_at as time %}{% blocktranslate %}Closes at {{ time }}.{% endblocktranslate %}`."""

from datetime import datetime

from django import template
from django.template.defaultfilters import date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import pgettext

register = template.Library()


@register.simple_tag
def moment(time: datetime, *, seconds: bool = False) -> SafeString:
    """A `<time>` in the zone of the page and as its language writes it; its script puts it into the reader's zone."""
    shape = (
        pgettext("Django's date format, with seconds", "j M, H:i:s T")
        if seconds
        else pgettext("Django's date format", "j M, H:i T")
    )
    precision, time = "seconds" if seconds else "minutes", localtime(time)
    return format_html('<time datetime="{}" data-local="{}">{}</time>', date(time, "c"), precision, date(time, shape))
