"""A post's text made ready: clean HTML with the places of products, plain words, what it mentions and shows."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from feria_blog.domain import excerpt_of
from feria_core.html import clean_html, plain_text, render_markdown
from feria_core.text import words

# `[[product:oak-table]]`, or several with commas, alone in its paragraph.
_BLOCK = re.compile(r"<p>\s*\[\[products?:\s*([a-z0-9-]{1,120}(?:\s*,\s*[a-z0-9-]{1,120})*)\s*\]\]\s*</p>")
# What stands in its place. No text that was cleaned holds a class, so nobody but this file writes one.
PLACE = re.compile(r'<div class="product-block" data-products="([a-z0-9 -]+)"></div>')
_PICTURE = re.compile(r'<img[^>]*?\ssrc="/media/([^"?#]+)')
PER_BLOCK, PER_POST = 12, 60
# Short texts are cleaned where they are, long ones beside the event loop.
SHORT = 5000


@dataclass(frozen=True)
class Content:
    """A text as it is stored: `html` has a `PLACE` for each block of products, `products` the slugs in them."""

    html: str
    plain: str
    excerpt: str
    words: int
    products: tuple[str, ...]
    pictures: tuple[str, ...]


async def render(body: str, kind: str, *, summary: str | None) -> Content:
    """Return the text of a body in `markdown` or `html`. Raises Invalid (`text_too_nested`)."""
    if len(body) <= SHORT:
        return rendered(body, kind, summary=summary)
    return await asyncio.to_thread(rendered, body, kind, summary=summary)


def rendered(body: str, kind: str, *, summary: str | None) -> Content:
    """Return the text of a body, ready to be stored. Raises Invalid (`text_too_nested`)."""
    clean = render_markdown(body) if kind == "markdown" else clean_html(body)
    mentioned: dict[str, None] = {}

    def place(found: re.Match[str]) -> str:
        slugs = list(dict.fromkeys(re.split(r"\s*,\s*", found[1])))[:PER_BLOCK]
        new = [slug for slug in slugs if slug not in mentioned]
        if len(mentioned) + len(new) > PER_POST:
            return ""
        mentioned.update(dict.fromkeys(slugs))
        return f'<div class="product-block" data-products="{" ".join(slugs)}"></div>'

    html = _BLOCK.sub(place, clean)
    plain = plain_text(html)
    return Content(
        html=html,
        plain=plain,
        excerpt=excerpt_of(plain, summary),
        words=len(words(plain)),
        products=tuple(mentioned),
        pictures=tuple(dict.fromkeys(_PICTURE.findall(html))),
    )
