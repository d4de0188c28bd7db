import json
from pathlib import Path

import pytest

from feria_core.errors import Invalid
from feria_core.html import clean_html, plain_text, render_markdown

NASTY = Path(__file__).resolve().parents[3] / "shared/data/xss"


def test_markdown_becomes_html():
    html = render_markdown("# Hello\n\n*Our* [shop](https://example.org) ~~closes~~ opens\n\n| a |\n|---|\n| 1 |")
    assert "<h1>Hello</h1>" in html
    assert '<a href="https://example.org" rel="noopener nofollow">shop</a>' in html
    assert "<s>closes</s>" in html
    assert "<td>1</td>" in html


@pytest.mark.parametrize("render", [clean_html, render_markdown])
@pytest.mark.parametrize(
    ("nasty", "left"),
    [
        ("<script>alert(1)</script>", ""),
        ('<p onclick="alert(1)" style="color:red" class="x" id="y">Hi</p>', "<p>Hi</p>"),
        ('<a href="javascript:alert(1)">x</a>', 'rel="noopener nofollow">x</a>'),
        (
            '<a href="mailto:a@example.org" target="_blank">x</a>',
            '<a href="mailto:a@example.org" rel="noopener nofollow">x',
        ),
        ('<img src="data:image/svg+xml,x" alt="a">', '<img alt="a">'),
        ('<img src="mailto:a@example.org">', "<img>"),
        ('<img src="/media/a.png" width="3" height="1e9">', '<img src="/media/a.png" width="3">'),
        ('<iframe src="https://example.org"></iframe><form><input></form>', ""),
        ("<b>bold\x00</b>", "<b>bold</b>"),
    ],
)
def test_what_is_not_allowed_is_taken_out(render, nasty, left):
    html = render(nasty)
    assert left in html
    for word in ("script", "alert", "onclick", "style", "class=", "id=", "data:", "iframe", "input", "target", "1e9"):
        assert word not in html


@pytest.mark.skipif(not NASTY.is_dir(), reason="the collection of nasty rich text is not there")
def test_nothing_active_is_left_of_the_collected_payloads():
    seen = 0
    for file in sorted(NASTY.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").strip().split("\n"):
            for render in (clean_html, render_markdown):
                html = render(json.loads(line)["payload"])
                assert clean_html(html) == html
                assert "<script" not in html.lower()
                seen += 1
    assert seen > 1000


def test_endless_nesting_is_refused():
    with pytest.raises(Invalid):
        clean_html("<div>" * 501)
    assert clean_html("<p>a<p>b" * 600).count("<p>") == 1200
    assert clean_html("<div>a</div>" * 600).count("<div>") == 600


def test_lone_surrogates_are_replaced():
    assert render_markdown("a\ud800b") == "<p>a?b</p>\n"


def test_plain_text_is_the_words():
    assert plain_text("<p>Hello <b>big</b>, world.</p><p>Salt &amp; pepper</p>") == "Hello big, world. Salt & pepper"
