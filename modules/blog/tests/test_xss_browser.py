"""The same in a real browser: every payload is shown by headless Chromium, which reports whatever runs."""

from __future__ import annotations

import sys

import pytest

from feria_blog.content import rendered
from feria_core.errors import Invalid
from feria_core.testing.rich_text import NEEDS_BROWSER, shown

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(3600),
    NEEDS_BROWSER,
]


def clean(payload: str, kind: str) -> str:
    try:
        return rendered(payload, kind, summary=None).html
    except Invalid:
        return ""


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_nothing_runs_in_a_browser(text_browser, text_site, payloads, kind):
    ran = {}
    for payload in payloads:
        html = clean(payload, kind)
        if found := shown(text_browser, text_site, html):
            ran[payload] = (html, found)
    sys.stdout.write(f"{len(payloads)} payloads as {kind}: {len(ran)} ran or left something active\n")
    assert ran == {}


def test_the_canary_sings_for_texts_that_nobody_has_cleaned(text_browser, text_site, payloads):
    """Otherwise its silence would mean nothing."""
    sample = [
        "<script>var x = 1</script>", "<img src=/none onerror='var x = 1'>", "<svg onload='1'>",
        "<a href='javascript:1'>x</a>", "<iframe srcdoc='<script>1</script>'></iframe>",
    ]  # fmt: skip
    for raw in sample:
        assert shown(text_browser, text_site, raw), raw
    from contextlib import suppress

    from selenium.common.exceptions import WebDriverException

    heard = 0
    tried = payloads[::10]
    for payload in tried:
        with suppress(WebDriverException):
            heard += bool(shown(text_browser, text_site, payload))
        text_browser.get("about:blank")
    sys.stdout.write(f"{heard} of {len(tried)} raw payloads were heard\n")
    assert heard > len(tried) // 2
