"""Nothing that runs is left of what people write: every rich-text field, in Markdown and HTML, on every way out."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import html as lxml_html

from feria_blog.content import rendered
from feria_core.errors import Invalid
from feria_core.html import ATTRIBUTES, TAGS

SCHEMES = ("", "http", "https", "mailto")
ADDRESSES = ("href", "src", "cite", "action", "formaction", "background", "poster", "data", "srcset", "xlink:href")
OWN = {("div", "class"), ("div", "data-products"), ("a", "class"), ("span", "class"), ("a", "rel")}
# Written by hand: what collections lack, or what a step of ours (blocks, excerpts, addresses with hosts) could undo.
OWN_PAYLOADS = [
    "[[product:x]]<script>alert(1)</script>",
    '[[product:"><img src=x onerror=alert(1)>]]',
    '<p>[[product:x]]</p><div class="product-block" data-products="x"><script>alert(1)</script></div>',
    "[[products:a,</div><img src=x onerror=alert(1)>]]",
    "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](java\tscript:alert(1)) [d](&#106;avascript:alert(1))",
    "[a]: javascript:alert(1)\n\n[a]",
    "![x](data:text/html;base64,PHNjcmlwdD4=) <data:text/html,x> <javascript:alert(1)>",
    "<a href='vbscript:x' style='x:expression(1)' onclick=alert(1)>a</a>",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "<img src='x' alt='\"><script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='/\\evil' title='x' target=_blank>a</a><base href='javascript:/a/'>",
    '<a href="/&quot;onmouseover=alert(1)">x</a>',
    "<form id=x></form><button form=x formaction=javascript:alert(1)>X",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
    "<p title='[[product:x]]'>[[product:x]]</p>",
    "\u0000<scr\u0000ipt>alert(1)</script>",
]  # fmt: skip


def active(html: str) -> list[str]:
    """Return what of a text runs, loads or restyles, or is simply not on the list."""
    found = []
    # lxml cannot hold these; to a browser they are letters or spaces like others.
    html = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", html)
    tree = lxml_html.fragment_fromstring(html, create_parent="root") if html.strip() else ()
    for element in tree:
        for each in element.iter():
            if not isinstance(each.tag, str):
                found.append(f"{each!r}")
                continue
            if each.tag not in TAGS:
                found.append(f"<{each.tag}>")
            for name, value in each.attrib.items():
                if name not in ATTRIBUTES.get(each.tag, frozenset()) | ATTRIBUTES["*"] and (each.tag, name) not in OWN:
                    found.append(f"{each.tag} {name}")
                if name in ADDRESSES and scheme(value) not in SCHEMES:
                    found.append(f"{each.tag} {name}={value}")
    return found


def scheme(address: str) -> str:
    """Return the scheme as a browser reads it, which skips tabs, line ends and what leads up to it."""
    bare = re.sub(r"[\t\n\r]", "", address).lstrip("".join(map(chr, range(33))))
    matched = re.match(r"([a-zA-Z][a-zA-Z0-9+.\-]*):", bare)
    return matched[1].lower() if matched else ""


def cleaned(payload: str, kind: str) -> str | None:
    """Return what is stored of a payload; None for one that is refused."""
    try:
        return rendered(payload, kind, summary=None).html
    except Invalid:
        return None


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_nothing_active_is_left_of_the_collected_payloads(payloads, kind):
    left = {payload: found for payload in payloads if (found := active(cleaned(payload, kind) or ""))}
    assert left == {}


@pytest.mark.parametrize("kind", ["markdown", "html"])
@pytest.mark.parametrize("payload", OWN_PAYLOADS)
def test_nothing_active_is_left_of_our_own(payload, kind):
    html = cleaned(payload, kind)
    assert html is not None
    assert active(html) == []
    # What was cleaned stays as it is when it is cleaned once more, but for our own blocks.
    if "product-block" not in html:
        assert cleaned(html, "html") == html


@pytest.mark.parametrize("kind", ["markdown", "html"])
async def test_payloads_are_harmless_on_every_way_out(client, staff, write_post, payloads, kind):
    """Some of them through the API: pages, previews, staff's answers, revisions restored, feeds."""
    chosen = [payload for payload in [*payloads[::40], *OWN_PAYLOADS] if "\x00" not in payload]
    for number, payload in enumerate(chosen):
        text = {"title": payload[:200].strip() or "x", "body": payload or "x", "format": kind}
        body = {**text, "slug": f"p-{number}", "status": "published", "excerpt": payload[:500].strip() or None}
        reply = await staff.post("/api/admin/blog/posts", {**body, "translations": {"es": text}})
        assert reply.status in (201, 422), reply.body
        if reply.status == 422:
            continue
        post = f"/api/admin/blog/posts/p-{number}"
        restored = (await staff.post(f"{post}/revisions/1/restore")).json
        token = (await staff.post(f"{post}/previews")).json["token"]
        page = await client.get(f"/api/blog/posts/p-{number}")
        assert page.headers["content-type"] == "application/json"
        spanish = await client.get(f"/api/blog/posts/p-{number}", headers={"Accept-Language": "es"})
        preview = await client.get(f"/api/blog/previews/{token}")
        for html in (
            reply.json["html"],
            restored["html"],
            restored["translations"]["es"]["html"],
            *(answer.json["html"] for answer in (page, spanish, preview)),
        ):
            assert active(html) == [], payload
        for name in ("rss.xml", "atom.xml", "feed.json"):
            feed = await client.get(f"/blog/{name}")
            assert feed.headers["content-type"].split(";")[0] != "text/html"
        read = feedparser.parse((await client.get("/blog/atom.xml")).body, sanitize_html=False)
        assert read.bozo is False
        assert [active(entry.content[0].value) for entry in read.entries] == [[]] * len(read.entries)
        await staff.delete(post)


async def test_a_text_that_is_nested_beyond_reason_is_refused(staff):
    body = {"title": "x", "body": "<b>" * 5000, "format": "html"}
    reply = await staff.post("/api/admin/blog/posts", body)
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, "text_too_nested")


def test_the_check_finds_what_is_active():
    """The check itself, on texts that nobody has cleaned."""
    for raw in (
        "<script>x</script>",
        "<a href=' java\nscript:x'>a</a>",
        "<p onclick=x>a</p>",
        "<b style=x>a</b>",
        "<svg/>",
    ):
        assert active(raw), raw
    assert urlsplit("https://x").scheme in SCHEMES
