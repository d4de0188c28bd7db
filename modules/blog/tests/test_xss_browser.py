"""The same in a real browser: every payload is shown by headless Chromium, which reports whatever runs."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from feria_blog.content import rendered
from feria_core.errors import Invalid

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

# Report-only: scripts run, and each that does, or would, is reported, whatever it does.
POLICY = (
    "script-src 'report-sample'; object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'none';"
    " report-uri /report"
)
# Everything that could be set off by a reader is set off; links are asked for their scheme as the browser reads it.
PROVOKE = """
const holder = document.createElement('div'); document.body.append(holder); holder.innerHTML = arguments[0];
const events = ['click', 'mouseover', 'mouseenter', 'mousemove', 'focus', 'focusin', 'blur', 'pointerover', 'keydown',
    'toggle', 'animationstart', 'transitionend', 'scroll', 'wheel', 'copy', 'input', 'beforeinput', 'error', 'load'];
const odd = [];
window.addEventListener('click', event => event.preventDefault(), true);
for (const element of document.querySelectorAll('#post *, div *')) {
    for (const name of events) element.dispatchEvent(new Event(name, {bubbles: true, cancelable: true}));
    for (const {name} of element.attributes)
        if (/^on|^style$|^srcdoc$|^formaction$/i.test(name)) odd.push(element.localName + ' ' + name);
    for (const address of [element.href, element.src, element.action, element.data])
        if (typeof address === 'string' && address && !/^(https?|mailto):/i.test(address)) odd.push(address);
    if (/^(script|style|svg|math|iframe|object|embed|form|input|button|base|meta|link|template)$/
        .test(element.localName)) odd.push('<' + element.localName + '>');
}
return odd.concat(window.ran || []);
"""
CANARY = """
window.ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval', 'fetch', 'setTimeout', 'setInterval'])
    window[name] = () => { window.ran.push(name); };
"""


class Site:
    """Serves one text as a page, and hears what the browser reports."""

    def __init__(self) -> None:
        self.html = ""
        self.reports: list[bytes] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_page = self.path.startswith("/page")
                page = f"<!DOCTYPE html><meta charset=utf-8><title>x</title><div id=post>{site.html}</div>"
                self.send_response(200 if is_page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy-Report-Only", POLICY)
                self.end_headers()
                if is_page:
                    self.wfile.write(page.encode("utf-8", "replace"))

            def do_POST(self) -> None:
                site.reports.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    running = Site()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("Chromium is not installed (chromium and chromium-driver on Debian): nothing is shown in a browser")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
        "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):  # fmt: skip
        options.add_argument(argument)
    options.page_load_strategy = "normal"
    options.unhandled_prompt_behavior = "dismiss"
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    started.set_page_load_timeout(20)
    started.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CANARY})
    yield started
    started.quit()


def shown(browser: Any, site: Site, html: str) -> list[str]:
    """Return what runs, or is active, where the text is a page and where a script puts it into one."""
    site.html, site.reports = html, []
    browser.get(f"{site.base}/page")
    found = [str(each) for each in browser.execute_script(PROVOKE, html)]
    return found + [report.decode("utf-8", "replace")[:200] for report in site.reports]


def clean(payload: str, kind: str) -> str:
    try:
        return rendered(payload, kind, summary=None).html
    except Invalid:
        return ""


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_nothing_runs_in_a_browser(browser, site, payloads, kind):
    ran = {}
    for payload in payloads:
        html = clean(payload, kind)
        if found := shown(browser, site, html):
            ran[payload] = (html, found)
    sys.stdout.write(f"{len(payloads)} payloads as {kind}: {len(ran)} ran or left something active\n")
    assert ran == {}


def test_the_canary_sings_for_texts_that_nobody_has_cleaned(browser, site, payloads):
    """Otherwise its silence would mean nothing."""
    sample = [
        "<script>var x = 1</script>", "<img src=/none onerror='var x = 1'>", "<svg onload='1'>",
        "<a href='javascript:1'>x</a>", "<iframe srcdoc='<script>1</script>'></iframe>",
    ]  # fmt: skip
    for raw in sample:
        assert shown(browser, site, raw), raw
    from contextlib import suppress

    from selenium.common.exceptions import WebDriverException

    heard = 0
    tried = payloads[::10]
    for payload in tried:
        with suppress(WebDriverException):
            heard += bool(shown(browser, site, payload))
        browser.get("about:blank")
    sys.stdout.write(f"{heard} of {len(tried)} raw payloads were heard\n")
    assert heard > len(tried) // 2
