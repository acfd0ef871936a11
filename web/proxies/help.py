"""docs/proxies.md as a page, for the operator who is at the browser: what the error pages and /healthz/proxy lead to."""

import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from core.languages import in_english

DOCS = settings.BASE_DIR / "docs" / "proxies.md"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE, _STRONG = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")


@in_english
@require_safe
def proxy_help(request: HttpRequest) -> HttpResponse:
    """GET /help/proxies. English, as all of the documentation."""
    return render(request, "host/proxy_help.html", {"text": shown()})


@cache
def shown() -> SafeString:
    """The page's HTML. Of Markdown it reads what docs/proxies.md is written in: headings, paragraphs, lists, fences, code."""
    text = DOCS.read_text()
    snippets = [found[2] for found in _FENCE.finditer(text)]
    blocks = _FENCE.sub("\n\n```\n\n", text).split("\n\n")
    return mark_safe("\n".join(_block(block.strip(), snippets) for block in blocks if block.strip()))  # noqa: S308 — escaped


def snippet(name: str) -> str:
    """The first fenced block in this language ("apache", "nginx"): what the tests run."""
    return next(found[2] for found in _FENCE.finditer(DOCS.read_text()) if found[1] == name)


def _block(block: str, snippets: list[str]) -> str:
    if block == "```":
        return f'<pre class="snippet" tabindex="0"><code>{escape(snippets.pop(0))}</code></pre>'
    if block.startswith("#"):
        marks, _, title = block.partition(" ")
        return f'<h{len(marks)} id="{slugify(title)}">{_line(title)}</h{len(marks)}>'
    if block.startswith("- "):
        items = "".join(f"<li>{_line(item)}</li>" for item in block[2:].split("\n- "))
        return f"<ul>{items}</ul>"
    return f"<p>{_line(block)}</p>"


def _line(text: str) -> str:
    return _STRONG.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", escape(text)))
