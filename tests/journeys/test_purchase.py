"""The main job, against a running shop, from the outside: import, search, cart, checkout, pay, order, mail."""

from __future__ import annotations

import gzip
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from servers import wait_for
from shop import Answer, Http, RunningShop, running_shop

pytestmark = pytest.mark.journey

REAL = Path(__file__).parents[3] / "shared/data/product_search/products.jsonl.gz"
MAP = Path(__file__).parents[1] / "data/product_search.toml"
ADDRESS = {
    "name": "Ana Solís",
    "line1": "Avenida Central 1",
    "city": "San José",
    "region": "SJ",
    "postal_code": "10101",
    "country": "CR",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """A shop in a folder whose name has a space, with demo data and two hundred real products."""
    folder = tmp_path_factory.mktemp("a shop")
    with running_shop(folder / "data", folder / "log") as running:
        yield running


def buyer(shop: RunningShop) -> Http:
    return Http(shop.http.base)


def fill_cart(http: Http, query: str, *, quantity: int = 1) -> dict[str, Any]:
    """Search, put the first hit into a new guest cart, and return the product's card."""
    found = http.get(f"/api/products?q={query}&in_stock=true")
    assert found.status == 200
    card: dict[str, Any] = found.json["items"][0]
    added = http.post("/api/cart/items", {"variant_id": card["default_variant_id"], "quantity": quantity})
    assert added.status == 201, added.json
    http.headers["Cart-Token"] = added.headers["cart-token"]
    return card


def open_checkout(http: Http, email: str) -> dict[str, Any]:
    """Open a checkout for the cart, with address and shipping method."""
    opened = http.post("/api/checkouts")
    assert opened.status == 201, opened.json
    http.headers["Checkout-Token"] = opened.json["token"]
    path = f"/api/checkouts/{opened.json['id']}"
    methods = http.get(f"{path}/shipping-methods").json["items"]
    changed = http.patch(
        path,
        {"email": email, "shipping_address": ADDRESS, "shipping_method": methods[0].get("code") or methods[0]["id"]},
    )
    assert changed.status == 200, changed.json
    return dict(changed.json)


def complete(http: Http, checkout: dict[str, Any], key: str | None = None) -> Answer:
    return http.post(
        f"/api/checkouts/{checkout['id']}/complete",
        {"expected_total": checkout["grand_total"]},
        Idempotency_Key=key or str(uuid4()),
    )


def available(http: Http, card: dict[str, Any]) -> int:
    variants = http.get(f"/api/products/{card['slug']}").json["variants"]
    return int(next(v["available"] for v in variants if v["id"] == card["default_variant_id"]))


def mails_about(shop: RunningShop, number: str) -> list[dict[str, Any]]:
    return [mail for mail in shop.http.mails() if number in mail["subject"]]


def test_a_real_catalog_is_imported_and_found(shop: RunningShop, tmp_path: Path) -> None:
    if not REAL.exists():
        pytest.skip("the public product data is not beside this checkout")
    part = tmp_path / "products.jsonl.gz"
    with gzip.open(REAL, "rt", encoding="utf-8") as source, gzip.open(part, "wt", encoding="utf-8") as target:
        target.writelines(itertools.islice(source, 300))
    before = shop.http.get("/api/products").json["total"]
    done = shop.feria("import", "products", str(part), "--map", str(MAP))
    assert done.returncode == 0, done.stderr
    after = shop.http.get("/api/products").json["total"]
    assert after > before + 200, "the running shop shows what another process imported"
    card = shop.http.get("/api/products?limit=1").json["items"][0]
    found = shop.http.get(f"/api/products?q={card['sku']}").json["items"]
    assert found[0]["sku"] == card["sku"]


def test_a_guest_buys_on_invoice(shop: RunningShop) -> None:
    http = buyer(shop)
    card = fill_cart(http, "lamp", quantity=2)
    before = available(shop.http, card)
    checkout = open_checkout(http, "guest@example.com")
    assert available(shop.http, card) == before - 2, "the stock is held"
    paid = http.post(f"/api/checkouts/{checkout['id']}/payments", {"provider": "manual"}, Idempotency_Key=str(uuid4()))
    assert paid.status in (200, 201), paid.json
    placed = complete(http, checkout)
    assert placed.status == 201, placed.json
    order = placed.json
    assert re.fullmatch(r"F-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", order["number"])
    assert order["payment_status"] == "pending"
    assert order["grand_total"] == checkout["grand_total"]
    assert available(shop.http, card) == before - 2
    wait_for(lambda: bool(mails_about(shop, order["number"])), within_s=20, what="the worker sent the mail")
    (mail,) = mails_about(shop, order["number"])
    assert mail["to"] == "guest@example.com"
    assert card["name"] in mail["text"]
    read = Http(shop.http.base).get(f"/api/orders/{order['number']}?token={order['token']}")
    assert read.json["number"] == order["number"]
    assert Http(shop.http.base).get(f"/api/orders/{order['number']}").status == 404
    assert http.get("/api/cart").json["items"] == []


def test_a_guest_pays_by_card_and_the_webhook_alone_is_enough(shop: RunningShop) -> None:
    http = buyer(shop)
    fill_cart(http, "mug")
    checkout = open_checkout(http, "card@example.com")
    session = http.post(
        f"/api/checkouts/{checkout['id']}/payments", {"provider": "stripe"}, Idempotency_Key=str(uuid4())
    )
    assert session.status in (200, 201), session.json
    intent = session.json["client_secret"].partition("_secret_")[0]
    early = complete(http, checkout)
    assert (early.status, early.json["code"]) == (402, "payment_failed")
    shop.gateway.post(f"/_fake/pay/{intent}", {"payment_method": "pm_card_visa"})
    wait_for(
        lambda: any(mail["to"] == "card@example.com" for mail in shop.http.mails()),
        within_s=30,
        what="the webhook placed the order and the worker sent the mail",
    )
    placed = complete(http, checkout)
    assert placed.status == 201, placed.json
    assert placed.json["payment_status"] == "paid"
    (mail,) = mails_about(shop, placed.json["number"])
    assert mail["to"] == "card@example.com"
    ledger = shop.gateway.get("/_fake/ledger").json
    assert str(checkout["grand_total"]["amount"]) in str(ledger)


def test_a_guest_approves_at_paypal_and_the_webhook_alone_is_enough(shop: RunningShop) -> None:
    http = buyer(shop)
    fill_cart(http, "mug")
    checkout = open_checkout(http, "paypal@example.com")
    session = http.post(
        f"/api/checkouts/{checkout['id']}/payments", {"provider": "paypal"}, Idempotency_Key=str(uuid4())
    )
    assert session.status in (200, 201), session.json
    early = complete(http, checkout)
    assert (early.status, early.json["code"]) == (402, "payment_failed")
    address, _, page = session.json["approve_url"].partition("/checkoutnow")
    assert shop.gateway.base == address
    assert shop.gateway.post("/checkoutnow" + page).status == 200, "the shopper has pressed the button"
    wait_for(
        lambda: any(mail["to"] == "paypal@example.com" for mail in shop.http.mails()),
        within_s=30,
        what="the webhook captured the money, placed the order and the worker sent the mail",
    )
    placed = complete(http, checkout)
    assert (placed.status, placed.json["payment_status"]) == (201, "paid")
    order_id = page.partition("token=")[2]
    (totals,) = [p for p in shop.gateway.get("/_fake/ledger").json["payment_intents"] if p["id"] == order_id]
    assert (totals["status"], totals["captured"]) == ("COMPLETED", checkout["grand_total"]["amount"])


def test_a_customer_registers_signs_in_and_finds_cart_and_order(shop: RunningShop) -> None:
    http = buyer(shop)
    account = {"email": "ana@example.com", "password": "a long enough one", "name": "Ana"}
    assert http.post("/api/auth/register", account).status == 202
    wait_for(lambda: any(m["to"] == account["email"] for m in shop.http.mails()), within_s=20, what="the mail came")
    mail = next(m for m in shop.http.mails() if m["to"] == account["email"])
    token = re.search(r"token=([\w-]+)", mail["text"])
    assert token is not None
    assert http.post("/api/auth/verify-email", {"token": token[1]}).status == 204
    card = fill_cart(http, "lamp")
    signed_in = http.post("/api/auth/login", {"email": account["email"], "password": account["password"]})
    assert signed_in.status == 200, signed_in.json
    mine = Http(shop.http.base, {"Authorization": f"Bearer {signed_in.json['access_token']}"})
    cart = mine.get("/api/cart").json
    assert [item["sku"] for item in cart["items"]] == [card["sku"]], "the guest's cart came along"
    checkout = open_checkout(mine, account["email"])
    placed = complete(mine, checkout)
    if placed.status == 409:
        mine.post(f"/api/checkouts/{checkout['id']}/payments", {"provider": "manual"}, Idempotency_Key=str(uuid4()))
        placed = complete(mine, checkout)
    assert placed.status == 201, placed.json
    assert [order["number"] for order in mine.get("/api/orders").json["items"]] == [placed.json["number"]]
    assert http.get("/api/orders").status == 401


def test_staff_change_a_price_and_the_next_reader_sees_it(shop: RunningShop) -> None:
    done = shop.feria(
        "staff", "create", "--email", "boss@example.com", "--password-stdin", stdin="correct horse staple\n"
    )
    assert done.returncode == 0, done.stderr
    login = shop.http.post("/api/auth/login", {"email": "boss@example.com", "password": "correct horse staple"})
    staff = Http(shop.http.base, {"Authorization": f"Bearer {login.json['access_token']}"})
    body = {
        "name": "Journey stool",
        "status": "published",
        "variants": [{"sku": "JOURNEY-1", "price": {"amount": 4900, "currency": "USD"}, "stock": 3}],
    }
    made = staff.post("/api/admin/products", body)
    assert made.status == 201, made.json
    path = f"/api/products/{made.json['slug']}"
    assert shop.http.get(path).json["price"]["amount"] == 4900
    assert Http(shop.http.base).post("/api/admin/products", body).status == 401
    renamed = staff.patch(
        f"/api/admin/products/{made.json['id']}", {"version": made.json["version"], "name": "Journey chair"}
    )
    assert renamed.status == 200, renamed.json
    assert shop.http.get(path).json["name"] == "Journey chair"
    stale = staff.patch(f"/api/admin/products/{made.json['id']}", {"version": made.json["version"], "name": "No"})
    assert (stale.status, stale.json["code"]) == (409, "stale_version")
