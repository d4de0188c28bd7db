"""Pictures of every page of the staff, written to a folder: wide and narrow, light and some dark, to be looked at."""

from __future__ import annotations

import base64
import re
import sys
import tempfile
from pathlib import Path

from buyers import buy
from chromium import DESKTOP, PHONE, Pages, chromium
from shop import RunningShop, running_shop

DARK = ("/admin", "/admin/s/orders", "/admin/s/products", "/admin/analytics")
BUYERS = (("ana@example.org", "Ana Solís"), ("bo@example.org", "Bo Lind"), ("cem@example.org", "Cem Aydin"))


def write(folder: Path) -> int:
    """Write the pictures; return how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="feria") as data,
        running_shop(Path(data, "shop"), Path(data, "log")) as shop,
    ):
        _trade(shop)
        with chromium(shop.http.base) as pages:
            pages.sign_in()
            places = pages.places()
        for size, is_dark, chosen in (
            (DESKTOP, False, places), (PHONE, False, places), (DESKTOP, True, DARK), (PHONE, True, DARK),
        ):  # fmt: skip
            with chromium(shop.http.base, size, is_dark=is_dark) as pages:
                pages.sign_in()
                for path in chosen:
                    _write(pages, path, folder / f"{_name(path)}-{size[0]}{'-dark' if is_dark else ''}.png")
    return len(list(folder.glob("*.png")))


def _trade(shop: RunningShop) -> None:
    for email, name in BUYERS:
        buy(shop, email, name=name)
    message = {"name": "Ana", "email": "ana@example.org", "subject": "A table", "message": "Do you deliver to Liberia?"}
    shop.http.post("/api/contact", message)


def _write(pages: Pages, path: str, file: Path) -> None:
    pages.open(path)
    picture = pages.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
    file.write_bytes(base64.b64decode(picture["data"]))


def _name(path: str) -> str:
    words = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "one", path.removeprefix("/admin").strip("/"))
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:80] or "home"


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    sys.stdout.write(f"{write(target)} pictures in {target}\n")
