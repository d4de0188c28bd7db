"""Reviews through real processes: written, published, read; the badge comes with the parcel and goes with the money."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from servers import wait_for
from shop import Http, RunningShop, running_shop

pytestmark = pytest.mark.journey

CUSTOMER = {"email": "customer@feria.test", "password": "demo customer of feria"}
OWNER = {"email": "owner@feria.test", "password": "demo owner of feria"}
ADDRESS = {"name": "Ana Solís", "line1": "Avenida Central 1", "city": "San José", "region": "SJ",
           "postal_code": "10101", "country": "CR"}  # fmt: skip
FULFILMENTS = "/api/admin/orders/{number}/fulfilments"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("reviews")
    with running_shop(folder / "data", folder / "log") as running:
        yield running


@pytest.fixture(scope="module")
def customer(shop: RunningShop) -> Http:
    return signed_in(shop, CUSTOMER)


@pytest.fixture(scope="module")
def staff(shop: RunningShop) -> Http:
    return signed_in(shop, OWNER)


def signed_in(shop: RunningShop, account: dict[str, str]) -> Http:
    answer = shop.http.post("/api/auth/login", account)
    assert answer.status == 200, answer.json
    return Http(shop.http.base, {"Authorization": f"Bearer {answer.json['access_token']}"})


def key() -> dict[str, str]:
    return {"Idempotency_Key": str(uuid4())}


def shown(shop: RunningShop, slug: str) -> Any:
    return shop.http.get(f"/api/products/{slug}/reviews?limit=100").json


def test_the_demo_shop_has_opinions(shop: RunningShop) -> None:
    page = shown(shop, "forge-frying-pan")
    assert page["summary"]["count"] == len(page["items"]) == 3
    card = shop.http.get("/api/products/forge-frying-pan").json
    assert (card["rating"], card["review_count"]) == (page["summary"]["mean"], 3)
    assert card["jsonld"]["aggregateRating"]["reviewCount"] == 3


def test_a_review_goes_from_its_author_over_staff_to_every_reader(
    shop: RunningShop, customer: Http, staff: Http
) -> None:
    before = shown(shop, "granit-mug")["summary"]["count"]
    path = "/api/products/granit-mug/reviews"
    assert customer.post(path, {"rating": 5, "verified_purchase": True}).status == 422
    written = customer.post(path, {"rating": 5, "title": "Mine", "text": "Holds a proper coffee."})
    assert (written.status, written.json["status"], written.json["verified_purchase"]) == (201, "pending", False)
    assert customer.post(path, {"rating": 1}).json["code"] == "review_exists"
    assert shown(shop, "granit-mug")["summary"]["count"] == before
    approved = staff.post(f"/api/admin/reviews/{written.json['id']}/approve")
    assert approved.status == 200, approved.json
    page = shown(shop, "granit-mug")
    assert page["summary"]["count"] == before + 1
    assert page["items"][0]["author_name"] == "Demo C."
    replied = staff.post(f"/api/admin/reviews/{written.json['id']}/reply", {"text": "Enjoy it."})
    assert replied.status == 200
    assert shown(shop, "granit-mug")["items"][0]["reply"]["text"] == "Enjoy it."
    wait_for(
        lambda: len([mail for mail in shop.http.mails() if "Granit mug" in mail["subject"]]) == 2,
        within_s=60, what="the author was told of both",
    )  # fmt: skip


def test_reviews_of_another_shop_are_imported_into_the_running_one(shop: RunningShop, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text("external_id,product,rating\nold-1,tall-bookcase,2\nold-2,nothing,2\n", encoding="utf-8")
    before = shown(shop, "tall-bookcase")["summary"]["count"]
    dry = shop.feria("reviews", "import", str(file), "--dry-run")
    assert (dry.returncode, dry.stdout.splitlines()[0]) == (1, "would be: 2 rows: 1 created, 0 known, 1 refused")
    done = shop.feria("reviews", "import", str(file), "--errors", str(tmp_path / "errors.csv"))
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "2 rows: 1 created, 0 known, 1 refused")
    assert "there is no product 'nothing'" in (tmp_path / "errors.csv").read_text(encoding="utf-8")
    assert shown(shop, "tall-bookcase")["summary"]["count"] == before + 1
    counted = shop.feria("reviews", "recount")
    assert counted.stdout == "0 products were counted anew\n"


def buy(shop: RunningShop, customer: Http, product: dict[str, Any]) -> str:
    """Buy one piece by card; return the order's number."""
    added = customer.post("/api/cart/items", {"variant_id": product["default_variant_id"], "quantity": 1})
    assert added.status == 201, added.json
    path = f"/api/checkouts/{customer.post('/api/checkouts').json['id']}"
    methods = customer.get(f"{path}/shipping-methods").json["items"]
    contact = {"email": CUSTOMER["email"], "shipping_address": ADDRESS, "shipping_method": methods[0]["code"]}
    total = customer.patch(path, contact).json["grand_total"]
    session = customer.post(f"{path}/payments", {"provider": "stripe"}, **key())
    intent = session.json["client_secret"].partition("_secret_")[0]
    shop.gateway.post(f"/_fake/pay/{intent}", {"payment_method": "pm_card_visa"})
    placed = customer.post(f"{path}/complete", {"expected_total": total}, **key())
    assert placed.status == 201, placed.json
    return str(placed.json["number"])


def test_the_badge_comes_with_the_parcel_and_goes_with_the_money(
    shop: RunningShop, customer: Http, staff: Http
) -> None:
    if FULFILMENTS not in shop.http.get("/openapi.json").json["paths"]:
        pytest.skip("orders sends no parcels here")
    product = shop.http.get("/api/products/dune-table-lamp").json
    number = buy(shop, customer, product)
    written = customer.post("/api/products/dune-table-lamp/reviews", {"rating": 5, "text": "Warm light."})
    assert (written.status, written.json["verified_purchase"]) == (201, False)

    def is_verified() -> bool:
        (mine,) = customer.get("/api/reviews/mine?product=dune-table-lamp").json["items"]
        return bool(mine["verified_purchase"])

    parcel = staff.post(f"/api/admin/orders/{number}/fulfilments", {}, **key())
    assert parcel.status == 201, parcel.json
    delivered = staff.patch(
        f"/api/admin/orders/{number}/fulfilments/{parcel.json['id']}", {"status": "delivered"}, **key()
    )
    assert delivered.status == 200, delivered.json
    wait_for(is_verified, within_s=60, what="the review has the badge")
    refunded = staff.post(f"/api/admin/orders/{number}/refunds", {}, **key())
    assert refunded.status == 201, refunded.json
    wait_for(lambda: not is_verified(), within_s=60, what="the badge is gone")
