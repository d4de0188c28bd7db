"""Pictures by address: fetched once the rows are stored, each failure told."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from feria_catalog.importing import images, service
from feria_catalog.media.errors import AddressNotPublic, ImageNotFetched
from feria_core import db
from feria_core.testing.client import ApiClient
from feria_core.testing.work import run_jobs

FILE = "name,sku,price,image_urls\nMug,M,1,https://a.test/red.png https://a.test/blue.png\nJug,J,1,https://10.0.0.1/x\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "folder", lambda: tmp_path / "imports")


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    return content.getvalue()


class Web:
    """Answers in place of the internet; `down` are addresses that fail so many times."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down: dict[str, int] = {}

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if "10.0.0.1" in url:
            raise AddressNotPublic("The host is not on the public internet.")
        if self.down.get(url, 0) > 0:
            self.down[url] -= 1
            raise ImageNotFetched("The server is down.")
        return picture(url.rsplit("/", 1)[1].removesuffix(".png"))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    made = Web()
    monkeypatch.setattr(images, "fetch_image", made.fetch)
    return made


async def run(staff: ApiClient, data: str = FILE) -> dict[str, Any]:
    answer = await staff.call(
        "POST", "/api/admin/products/import", data=data.encode(), headers={"Content-Type": "text/csv"}
    )
    for _ in range(4):
        await run_jobs()
        await db.execute("UPDATE catalog_import_image SET not_before = now() - interval '1 s' WHERE state = 'waiting'")
        await db.execute("UPDATE core_job SET run_at = now() - interval '1 s' WHERE state = 'queued'")
    state: dict[str, Any] = (await staff.get(f"/api/admin/imports/{answer.json['job_id']}")).json
    return state


async def test_pictures_are_fetched_once_and_failures_are_told(staff: ApiClient, web: Web) -> None:
    web.down["https://a.test/blue.png"] = 2
    state = await run(staff)
    assert state["counts"] == {"rows": 2, "created": 2, "updated": 0, "unchanged": 0, "errors": 1}
    rows = await db.fetch_all("SELECT source_url FROM catalog_media ORDER BY position")
    assert {row["source_url"] for row in rows} == {"https://a.test/red.png", "https://a.test/blue.png"}
    told = (await staff.get(state["errors_csv"])).body.decode().splitlines()
    assert told[1].startswith("3,address_not_public,")
    assert told[1].endswith(",images,https://10.0.0.1/x")
    before = list(web.asked)
    again = await run(staff, FILE.replace("Jug,J,1,https://10.0.0.1/x\n", ""))
    assert again["counts"]["unchanged"] == 1
    assert web.asked == before


async def test_an_address_that_stays_silent_is_given_up(staff: ApiClient, web: Web) -> None:
    web.down["https://a.test/red.png"] = 99
    state = await run(staff, FILE.splitlines()[0] + "\nMug,M,1,https://a.test/red.png\n")
    assert state["counts"]["errors"] == 1
    assert len(web.asked) == images.ATTEMPTS
    assert await db.fetch_value("SELECT state FROM catalog_import_image") == "failed"
