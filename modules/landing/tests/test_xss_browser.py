"""What people write to landing is shown by headless Chromium as readers see it: pages, mails, newsletters, events."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from feria_core.testing.rich_text import NEEDS_BROWSER, shown
from feria_core.testing.work import run_jobs

CORPUS = Path(__file__).resolve().parents[4] / "shared/data/xss"
FORMATS = ("markdown", "html")
RAW = ["<script>var x = 1</script>", "<img src=/none onerror='var x = 1'>", "[a](javascript:alert(1))"]
EVERY_FEW = 100
# Of the mails' own frame; what people write may have none.
OUR_STYLES = (
    "margin:0;background:#f4f4f2;font-family:system-ui,sans-serif;color:#222",
    "font-weight:600", "white-space:pre-wrap",
    "max-width:36rem;margin:0 auto;padding:1.5rem;background:#fff",
)  # fmt: skip

pytestmark = [
    pytest.mark.timeout(7200),
    NEEDS_BROWSER,
]


def collected(step: int) -> list[str]:
    """Return every so many-th of the collected payloads, and ours; without the folder ours alone."""
    lines = [
        line for file in sorted(CORPUS.glob("dev_*.jsonl")) for line in file.read_text("utf-8").strip().split("\n")
    ]
    found = [str(orjson.loads(line)["payload"]) for line in lines[::step]]
    return [payload for payload in [*RAW, *found] if payload.strip() and "\x00" not in payload]


class Ways:
    """The ways out of a text: each gives the HTML that readers get, or None where the text was refused."""

    def __init__(self, client: Any, staff: Any, mailbox: Any) -> None:
        self.client, self.staff, self.mailbox = client, staff, mailbox

    async def event(self, payload: str, kind: str) -> str | None:
        body = {"title": "x", "slug": "x", "starts_at": "2026-12-01T10:00:00Z", "time_zone": "UTC", "format": kind}
        made = await self.staff.post("/api/admin/events", {**body, "description": payload})
        if made.status == 422:
            return None
        shown = (await self.client.get("/api/events/x")).json
        assert (await self.staff.delete(f"/api/admin/events/{made.json['id']}")).status == 204
        return str(shown["description_html"])

    async def newsletter(self, payload: str, kind: str) -> str | None:
        body = {"subject": "x", "body": payload, "format": kind}
        made = await self.staff.post("/api/admin/newsletters", body)
        if made.status == 422:
            return None
        path = f"/api/admin/newsletters/{made.json['id']}"
        assert (await self.staff.post(f"{path}/test", {"email": "ana@example.org"})).status == 202
        html = await self._mailed()
        assert (await self.staff.delete(path)).status == 204
        return html

    async def contact(self, payload: str) -> str | None:
        text = {"name": "Ana", "email": "ana@example.org", "subject": "x", "message": payload[:5000]}
        sent = await self.client.post("/api/contact", text)
        return None if sent.status == 422 else await self._mailed()

    async def _mailed(self) -> str:
        """Return the mails that come of it, as a mail program shows them: without their heads."""
        await run_jobs()
        found = "".join(mail["html"].partition("<body")[2].partition(">")[2] for mail in self.mailbox.mails())
        assert found
        self.mailbox.clear()
        for style in OUR_STYLES:
            found = found.replace(f' style="{style}"', "")
        return found


@pytest.fixture
def ways(client, staff, mailbox, unlimited):
    return Ways(client, staff, mailbox)


@pytest.fixture
def unlimited(monkeypatch):
    """Let one address write as often as there are payloads."""
    from feria_landing.contact import service

    many = service.settings(service.LandingSettings).model_copy(update={"contacts_per_hour": 100_000})
    monkeypatch.setattr(service, "settings", lambda _: many)


@pytest.mark.parametrize("step", [EVERY_FEW, pytest.param(1, marks=pytest.mark.soak)])
async def test_nothing_runs_of_what_people_write(text_browser, text_site, ways, step):
    ran, tried = {}, 0
    for payload in collected(step):
        found = {f"{way.__name__} {kind}": await way(payload, kind)
                 for way in (ways.event, ways.newsletter) for kind in FORMATS}  # fmt: skip
        found["contact"] = await ways.contact(payload)
        for name, html in found.items():
            if html is not None:
                tried += 1
                if active := shown(text_browser, text_site, html):
                    ran[name, payload] = active
    sys.stdout.write(f"{tried} texts were shown, {len(ran)} ran or left something active\n")
    assert ran == {}


def test_the_browser_hears_what_nobody_has_cleaned(text_browser, text_site):
    for raw in RAW[:2]:
        assert shown(text_browser, text_site, raw), raw
