"""Rich text in a real browser: a page of it in headless Chromium, which reports whatever runs.

Needs selenium and Chromium with its driver (`chromium` and `chromium-driver` on Debian).
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

NEEDS_BROWSER = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="Chromium is not installed: nothing is shown in a browser",
)
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


@contextmanager
def serving() -> Iterator[Site]:
    """Serve while the block runs."""
    running = Site()
    try:
        yield running
    finally:
        running.server.shutdown()
        running.server.server_close()


@contextmanager
def chromium() -> Iterator[Any]:
    """Give the browser, which reaches this machine alone and notes every call of what payloads like to call."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
        "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):  # fmt: skip
        options.add_argument(argument)
    options.page_load_strategy = "normal"
    options.unhandled_prompt_behavior = "dismiss"
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        started.set_page_load_timeout(20)
        started.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CANARY})
        yield started
    finally:
        started.quit()


def shown(browser: Any, site: Site, html: str) -> list[str]:
    """Return what runs, or is active, where the text is a page and where a script puts it into one."""
    site.html, site.reports = html, []
    browser.get(f"{site.base}/page")
    found = [str(each) for each in browser.execute_script(PROVOKE, html)]
    return found + [report.decode("utf-8", "replace")[:200] for report in site.reports]
