"""Pictures of every page of the staff, written to a folder: wide and narrow, light and some dark, to be looked at."""

from __future__ import annotations

import base64
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from buyers import buy
from chromium import DESKTOP, OWNER, PHONE, Pages, chromium
from shop import Http, RunningShop, running_shop

DARK = ("/admin", "/admin/s/orders", "/admin/s/products", "/admin/analytics")
# What stands on a page once something was pressed there, by the name of its picture.
SCENES: dict[str, Callable[[Pages], None]] = {}
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
                kind = f"{size[0]}{'-dark' if is_dark else ''}.png"
                for path in chosen:
                    pages.open(path)
                    _write(pages, folder / f"{_name(path)}-{kind}")
                for name, play in SCENES.items():
                    play(pages)
                    _write(pages, folder / f"scene-{name}-{kind}")
    return len(list(folder.glob("*.png")))


def _trade(shop: RunningShop) -> None:
    for email, name in BUYERS:
        buy(shop, email, name=name)
    message = {"name": "Ana", "email": "ana@example.org", "subject": "A table", "message": "Do you deliver to Liberia?"}
    shop.http.post("/api/contact", message)
    token = shop.http.post("/api/auth/login", OWNER).json["access_token"]
    staff = Http(shop.http.base, {"Authorization": f"Bearer {token}"})
    _stock_posters(staff)
    _draw_zones(staff)


def _stock_posters(staff: Http) -> None:
    """Let there be more variants than a list of choices shows, so that one has to look for them."""
    for name, sku in (("Harbour poster", "HAR"), ("Market poster", "MAR")):
        sold = [
            {"sku": f"{sku}-{width}", "price": {"amount": 1200, "currency": "USD"}, "options": {"size": f"{width} cm"}}
            for width in range(20, 80)
        ]
        made = staff.post("/api/admin/products", {"name": name, "status": "published", "variants": sold})
        assert made.status < 300, made.json


def _draw_zones(staff: Http) -> None:
    """Let there be taxes and ways of shipping; the last of all, since the ways of the settings are gone then."""
    area = {"name": "Costa Rica", "countries": ["CR"]}
    post = {"code": "post", "label": "Post", "kind": "flat", "amount": 450, "free_over": 5000}
    tiers = [{"up_to": 1000, "amount": 500}, {"up_to": 5000, "amount": 1200}]
    parcel = {"code": "parcel", "label": "By weight", "kind": "weight", "tiers": tiers}
    methods = [{**each, "min_days": 2, "max_days": 5} for each in (post, parcel)]
    rates = {"standard": {"rate": "0.13", "name": "IVA 13 %"}, "reduced": {"rate": "0.04", "name": "IVA 4 %"}}
    for kind, more in (("shipping", {"methods": methods}), ("tax", {"rates": rates})):
        made = staff.call("PUT", f"/api/admin/{kind}/zones/costa-rica", {**area, **more})
        assert made.status < 300, made.json


def _scene(name: str) -> Callable[[Callable[[Pages], None]], Callable[[Pages], None]]:
    """Let what the function comes to be a picture of that name."""

    def keep(play: Callable[[Pages], None]) -> Callable[[Pages], None]:
        SCENES[name] = play
        return play

    return keep


@_scene("search-of-a-variant")
def _search(pages: Pages) -> None:
    pages.open("/admin/s/draft-orders/new")
    search = pages.find(".find input")
    search.send_keys("poster 45")
    pages.click(pages.find(".find button"))


@_scene("tax-rates")
def _rates(pages: Pages) -> None:
    _change_first(pages, "/admin/s/tax-zones")


@_scene("shipping-prices")
def _prices(pages: Pages) -> None:
    _change_first(pages, "/admin/s/shipping-zones")


@_scene("mails")
def _mails(pages: Pages) -> None:
    _open_first(pages, "/admin/s/orders")
    pages.open(pages.find('.head a[href*="/look/"]').get_attribute("pathname"))


@_scene("second-factor")
def _second_factor(pages: Pages) -> None:
    pages.open("/admin/me")
    pages.fill(password=OWNER["password"])
    pages.press("Set up the second factor")


@_scene("acting")
def _acting(pages: Pages) -> None:
    pages.open("/admin/s/customers?q=")
    _open_first(pages, "/admin/s/customers")
    pages.open(f"{pages.path}/act_as")
    pages.press("Act as this customer")
    pages.open("/admin/s/orders")


def _open_first(pages: Pages, path: str) -> None:
    pages.open(path)
    pages.click(pages.find("#results td.leading a"))


def _change_first(pages: Pages, path: str) -> None:
    _open_first(pages, path)
    pages.click(pages.find(".head .acts a.main"))


def _write(pages: Pages, file: Path) -> None:
    pages.driver.execute_script("window.scrollTo(0, 0)")  # what is jumped to leaves the head of the page in its middle
    picture = pages.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
    file.write_bytes(base64.b64decode(picture["data"]))


def _name(path: str) -> str:
    words = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "one", path.removeprefix("/admin").strip("/"))
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:80] or "home"


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    sys.stdout.write(f"{write(target)} pictures in {target}\n")
