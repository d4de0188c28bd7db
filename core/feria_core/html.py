"""Rich text that people wrote, made fit to be shown to others: Markdown or HTML in, allow-listed HTML out.

Nothing that runs, loads, submits, frames or restyles the page is left: what is not named here is taken out. Both
libraries are imported at the first text, since most processes never see one.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from feria_core.errors import Invalid

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from nh3 import Cleaner

TAGS = frozenset((
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn",
    "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd",
    "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var",
))  # fmt: skip
# No id, name, class or style: they could take the place of what the page's own scripts and styles look for.
ATTRIBUTES = {
    "a": frozenset(("href", "title", "hreflang")),
    "abbr": frozenset(("title",)),
    "col": frozenset(("span",)),
    "colgroup": frozenset(("span",)),
    "img": frozenset(("src", "alt", "title", "width", "height")),
    "ol": frozenset(("start", "reversed")),
    "td": frozenset(("colspan", "rowspan", "align")),
    "th": frozenset(("colspan", "rowspan", "align", "scope")),
    "time": frozenset(("datetime",)),
    "*": frozenset(("lang", "dir")),
}
# These vanish with what they hold; of other elements that are not allowed the text stays.
SILENCED = frozenset((
    "applet", "canvas", "embed", "frame", "frameset", "iframe", "math", "noembed", "noframes", "noscript", "object",
    "plaintext", "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
))  # fmt: skip
SCHEMES = frozenset(("http", "https", "mailto"))
PASSES = 3
LINK_REL = "noopener nofollow"
# The parser's time grows with the square of the depth: 50,000 open elements take nine seconds, 500 a millisecond.
MAX_DEPTH = 500
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# These hold nothing, or end by themselves where the next one begins.
_NEVER_DEEP = frozenset((
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
))  # fmt: skip
_SIZE = re.compile(r"[0-9]{1,5}")


def render_markdown(text: str) -> str:
    """Return CommonMark with tables and strikethrough as clean HTML; HTML inside of it is treated as `clean_html`."""
    return clean_html(_markdown().render(text.replace("\x00", "")))


def clean_html(text: str) -> str:
    """Return HTML with nothing in it but allow-listed elements, attributes and addresses; cleaning again is the same.

    Links go to http, https, mailto or a place of this site, pictures come by http, https or from this site.
    Raises Invalid (`text_too_nested`) beyond MAX_DEPTH. A text of 200,000 characters that was written to be slow takes
    up to three seconds: bound what you take, and leave long ones to a thread.
    """
    _refuse_depth(text)
    cleaned = _cleaner().clean(text.replace("\x00", "").encode("utf-8", "replace").decode())
    for _ in range(PASSES):
        # A browser reads what the cleaner wrote once more, and may see another tree (a paragraph in a paragraph).
        again = _cleaner().clean(cleaned)
        if again == cleaned:
            break
        cleaned = again
    return cleaned


def plain_text(html: str) -> str:
    """Return the words of an HTML text, with single spaces: for descriptions, feeds and search."""
    import html as entities

    import nh3

    spaced = re.sub(r"<(?=[a-zA-Z/])", " <", html)
    bare = nh3.clean(spaced, tags=set(), clean_content_tags=set(SILENCED))
    return re.sub(r"\s+([.,;:!?)])", r"\1", " ".join(entities.unescape(bare).split()))


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(["table", "strikethrough"])


@cache
def _cleaner() -> Cleaner:
    from nh3 import Cleaner

    return Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(SILENCED),
        attributes={name: set(allowed) for name, allowed in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        link_rel=LINK_REL,
        url_schemes=set(SCHEMES),
    )


def _refuse_depth(text: str) -> None:
    opened: Counter[str] = Counter()
    depth = 0
    for closing, name in _TAG.findall(text):
        element = name.lower()
        if element in _NEVER_DEEP or (closing and not opened[element]):
            continue
        step = -1 if closing else 1
        opened[element] += step
        depth += step
        if depth > MAX_DEPTH:
            raise Invalid.field(
                "body",
                code="text_too_nested",
                message=f"Elements stand more than {MAX_DEPTH} deep: close some of them.",
            )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the attribute's value, or None to leave it out."""
    if tag == "img" and name == "src" and value.strip().lower().startswith("mailto:"):
        return None
    if name in {"width", "height", "colspan", "rowspan", "span", "start"} and not _SIZE.fullmatch(value):
        return None
    return value
