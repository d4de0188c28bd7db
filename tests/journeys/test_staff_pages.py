"""A day at the staff's pages, in a real browser: the second factor, a product, an order, a review, a sale, a post."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from buyers import buy
from chromium import DESKTOP, OWNER, PHONE, Pages, chromium
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from servers import wait_for
from shop import Http, RunningShop, running_shop

from feria_core._internal.migrations import connect

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("pages")
    with running_shop(folder / "data", folder / "log") as running:
        yield running


@pytest.fixture(params=[pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone", marks=pytest.mark.soak)])
def pages(request: pytest.FixtureRequest, shop: RunningShop) -> Iterator[Pages]:
    with chromium(shop.http.base, request.param) as browser:
        browser.sign_in()
        yield browser


def signed_in(shop: RunningShop, account: dict[str, str]) -> Http:
    token = shop.http.post("/api/auth/login", account).json["access_token"]
    return Http(shop.http.base, {"Authorization": f"Bearer {token}"})


def picture(folder: Path) -> str:
    file = folder / "picture.png"
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (20, 120, 100)).save(buffer, "PNG")
    file.write_bytes(buffer.getvalue())
    return str(file)


def test_a_product_with_variants_and_a_picture_is_found_in_the_shop(
    shop: RunningShop, pages: Pages, tmp_path: Path
) -> None:
    name = f"Walnut box {uuid4().hex[:6]}"
    pages.open("/admin/s/products")
    pages.press("New product")
    pages.fill(name=name, status="published", description="It keeps tea.")
    for number, size in enumerate(("small", "large")):
        row = f"variants__{number}__"
        pages.fill(**{f"{row}sku": f"{name[-6:]}-{size}", f"{row}price": f"{19 + number}.90"})
        pages.fill(**{f"{row}stock": "5", f"{row}options": f"size: {size}"})
    pages.press("New product")
    assert "New product: done." in pages.text
    pages.press("Add a picture")
    pages.fill(file=picture(tmp_path), alt="A walnut box")
    pages.press("Add a picture")
    assert pages.all("#p-media img.thumb")
    assert len(pages.all("#p-variants tbody tr")) == 2

    def found() -> list[Any]:
        items = shop.http.get(f"/api/products?q={name.replace(' ', '%20')}").json["items"]
        return [item for item in items if item["name"] == name and item["image"]]

    wait_for(lambda: bool(found()), within_s=60, what="the shop shows the product with its picture")
    assert found()[0]["price"] == {"amount": 1990, "currency": "USD"}
    assert len(shop.http.get(f"/api/products/{found()[0]['slug']}").json["variants"]) == 2


def test_an_order_is_sent_refunded_in_part_and_returned(shop: RunningShop, pages: Pages) -> None:
    buyer, order = buy(shop, "ana@example.org")
    pages.open(f"/admin/s/orders?q={order['number']}")
    pages.click(pages.find("#results td.leading a"))
    pages.press("Send a parcel")
    assert pages.find('[name="items.0.quantity"]').get_attribute("value") == "3"
    pages.fill(items__0__quantity="2", carrier="DHL", tracking_number="123")
    pages.press("Send a parcel")
    assert "DHL" in pages.find("#p-parcels").text
    pages.open(f"/admin/s/orders/i/{order['number']}/refund")
    pages.fill(items__0__quantity="1", reason="A scratch")
    pages.press("Refund")
    state = buyer.get(f"/api/orders/{order['number']}").json
    assert (state["payment_status"], state["fulfilment_status"]) == ("partially_refunded", "partial")
    pages.click(pages.find("#p-parcels .row-acts a"))
    pages.fill(status="delivered")
    pages.press("Save")
    asked = buyer.post(
        f"/api/orders/{order['number']}/returns",
        {"items": [{"item_id": order["items"][0]["id"], "quantity": 1}], "reason": "damaged"},
        Idempotency_Key=str(uuid4()),
    )
    assert asked.status == 201, asked.json
    pages.open(f"/admin/s/returns/i/{asked.json['id']}")
    pages.press("Approve")
    pages.press("Approve")
    pages.press("Has arrived")
    pages.press("Has arrived")
    assert "Received" in pages.find("h1").text
    assert buyer.get(f"/api/orders/{order['number']}").json["items"][0]["returned"] == 1


def test_a_review_a_sale_a_post_and_a_dead_letter(shop: RunningShop, pages: Pages) -> None:
    slug = "granit-mug" if pages.driver.get_window_size()["width"] > 600 else "linen-apron"
    customer = signed_in(shop, {"email": "customer@feria.test", "password": "demo customer of feria"})
    product = shop.http.get("/api/products?limit=50").json["items"]
    reviewed = next(
        each["slug"] for each in product
        if customer.post(f"/api/products/{each['slug']}/reviews", {"rating": 5, "title": slug}).status == 201
    )  # fmt: skip
    pages.open("/admin/s/reviews?status=pending")
    pages.click(next(each for each in pages.all("#results td.leading a")))
    pages.press("Publish")
    pages.press("Publish")
    wait_for(
        lambda: slug in json.dumps(shop.http.get(f"/api/products/{reviewed}/reviews").json),
        within_s=60, what="the review is shown",
    )  # fmt: skip

    pages.open("/admin/s/flash-sales/new")
    begins = datetime.now(UTC) + timedelta(days=40)
    variant = product[0]["default_variant_id"]
    pages.fill(
        name="Market day", starts_at=begins.strftime("%Y-%m-%dT%H:%M"), items__0__variant_id=variant,
        ends_at=(begins + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"), items__0__price="1.00", items__0__cap="5",
    )  # fmt: skip
    pages.press("New flash sale")
    assert "Market day" in pages.find("h1").text
    pages.press("Archive")
    pages.press("Archive")

    pages.open("/admin/s/posts/new")
    title = f"A word on walnut {uuid4().hex[:6]}"
    pages.fill(title=title, body="It **smells** of autumn.", format="markdown")
    pages.press("New post")
    pages.press("Publish")
    pages.press("Publish")
    assert "Published" in pages.find("h1").text
    wait_for(lambda: title in json.dumps(shop.http.get("/api/blog/posts").json), within_s=60, what="the post is read")

    job = asyncio.run(dead_letter(shop))
    pages.open("/admin/s/jobs?state=dead")
    pages.open(f"/admin/s/jobs/i/{job}")
    pages.press("Try again")
    pages.press("Try again")
    assert "Try again: done." in pages.text

    pages.open("/admin/s/jobs")
    pages.press("Español")
    assert pages.path == "/admin/s/jobs"
    assert pages.find("h1").text == "Tareas"
    pages.press("English")


async def dead_letter(shop: RunningShop) -> str:
    url = json.loads((shop.data / "servers.json").read_text(encoding="utf-8"))["database_url"]
    connection = await connect(url)
    try:
        return str(
            await connection.fetchval(
                "INSERT INTO core_job (id, name, queue, arguments, state, attempt, max_attempts, finished_at,"
                " last_error) VALUES (gen_random_uuid(), 'core.sweep', 'default', '{}', 'dead', 8, 8, now(),"
                " 'OSError: refused') RETURNING id"
            )
        )
    finally:
        await connection.close()


def test_the_second_factor_and_a_phone(shop: RunningShop) -> None:
    email, password = f"{uuid4().hex[:8]}@example.org", "a long enough password"
    made = shop.feria("staff", "create", "--email", email, "--password-stdin", stdin=f"{password}\n")
    assert made.returncode == 0, made.stdout + made.stderr
    account = {"email": email, "password": password}
    with chromium(shop.http.base, PHONE) as pages:
        pages.sign_in(**account)
        assert pages.path == "/admin"
        pages.open("/admin/me")
        pages.fill(password=password)
        pages.press("Set up the second factor")
        assert pages.find("svg.qr").is_displayed()
        phone = pyotp.TOTP(pages.find("#secret").text)
        pages.fill(code=phone.now())
        pages.press("Switch it on")
        recovery = pages.find(".codes code").text
        pages.press("Sign out")
        pages.sign_in(**account)
        assert "one-time code is needed" in pages.text
        pages.sign_in(otp="000000", **account)
        assert pages.path == "/admin/sign-in"
        pages.sign_in(otp=recovery, **account)
        assert pages.path == "/admin"
        pages.find("#menu-switch").click()
        assert pages.find(".menu").is_displayed()
        pages.click(pages.find(".menu .me"))
        assert pages.path == "/admin/me"
        for path in ("/admin", "/admin/s/orders", "/admin/s/products", "/admin/s/products/new", "/admin/s/audit-log"):
            pages.open(path)
            assert not pages.is_too_wide(), path


def test_one_walks_by_keyboard_and_sees_where_one_is(shop: RunningShop) -> None:
    with chromium(shop.http.base) as pages:
        pages.sign_in(**OWNER)
        pages.open("/admin/s/products")
        ActionChains(pages.driver).send_keys(Keys.TAB).perform()
        focused = pages.driver.switch_to.active_element
        assert focused.get_attribute("class") == "skip"
        focused.send_keys(Keys.ENTER)
        seen = set()
        for _ in range(12):
            ActionChains(pages.driver).send_keys(Keys.TAB).perform()
            now = pages.driver.switch_to.active_element
            outline = now.value_of_css_property("outline-style")
            assert outline == "solid", now.get_attribute("outerHTML")
            seen.add(now.id)
        assert len(seen) == 12
