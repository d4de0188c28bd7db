"""What becomes of an order after it is paid, against a running shop: parcels, money back at the gateway, a return."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from buyers import buy, key
from servers import wait_for
from shop import Http, RunningShop, running_shop

pytestmark = pytest.mark.journey

OWNER = {"email": "owner@feria.test", "password": "demo owner of feria"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("life")
    with running_shop(folder / "data", folder / "log") as running:
        yield running


@pytest.fixture(scope="module")
def staff(shop: RunningShop) -> Http:
    login = shop.http.post("/api/auth/login", OWNER)
    assert login.status == 200, login.json
    return Http(shop.http.base, {"Authorization": f"Bearer {login.json['access_token']}"})


def subjects(shop: RunningShop, number: str) -> list[str]:
    return [mail["subject"] for mail in reversed(shop.http.mails()) if number in mail["subject"]]


def refunded_at_gateway(shop: RunningShop) -> int:
    intents = shop.gateway.get("/_fake/ledger").json["payment_intents"]
    return sum(intent.get("refunded", 0) for intent in intents)


def test_a_paid_order_is_sent_returned_and_refunded(shop: RunningShop, staff: Http) -> None:
    before = refunded_at_gateway(shop)
    buyer, order = buy(shop, "life@example.com")
    number, item = order["number"], order["items"][0]
    admin = f"/api/admin/orders/{number}"
    parcel = staff.post(
        f"{admin}/fulfilments",
        {"items": [{"item_id": item["id"], "quantity": 2}], "carrier": "UPS", "tracking_number": "1Z999"},
    )
    assert parcel.status == 201, parcel.json
    assert "1Z999" in buyer.get(f"/api/orders/{number}/tracking").json["items"][0]["tracking_url"]
    assert staff.patch(f"{admin}/fulfilments/{parcel.json['id']}", {"status": "delivered"}).status == 200
    cancelled = staff.post(f"{admin}/cancel", {"reason": "the last one is cracked"}, **key())
    assert cancelled.status == 200, cancelled.json
    assert cancelled.json["status"] == "completed", "what is left of it is delivered"
    asked = buyer.post(
        f"/api/orders/{number}/returns",
        {"items": [{"item_id": item["id"], "quantity": 1}], "reason": "changed_mind"},
        **key(),
    )
    assert asked.status == 201, asked.json
    assert staff.post(f"/api/admin/returns/{asked.json['id']}/approve").status == 200
    assert staff.post(f"/api/admin/returns/{asked.json['id']}/receive").status == 200

    def done() -> bool:
        refunds = buyer.get(f"/api/orders/{number}").json["refunds"]
        return [refund["status"] for refund in refunds] == ["succeeded", "succeeded"]

    wait_for(done, within_s=60, what="the gateway gave both refunds")
    document = buyer.get(f"/api/orders/{number}").json
    assert document["payment_status"] == "partially_refunded"
    assert refunded_at_gateway(shop) - before == document["refunded_total"]["amount"] > 0
    wait_for(lambda: len(subjects(shop, number)) == 9, within_s=60, what="every mail came")
    assert sum("refund" in subject for subject in subjects(shop, number)) == 2
    invoice = buyer.get(f"/api/orders/{number}/invoice.pdf")
    assert (invoice.status, invoice.json[:5]) == (200, b"%PDF-")
    note = staff.get(f"{admin}/credit-notes/{document['refunds'][0]['id']}.pdf")
    assert re.search(r'"CN-\d{4}-\d{6}\.pdf"', note.headers["content-disposition"])


def test_a_guest_cancels_a_paid_order_and_the_money_is_back_at_the_gateway(shop: RunningShop) -> None:
    before = refunded_at_gateway(shop)
    buyer, order = buy(shop, "cancels@example.com")
    path = f"/api/orders/{order['number']}"
    cancelled = buyer.post(f"{path}/cancel", **key())
    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")
    wait_for(
        lambda: refunded_at_gateway(shop) - before == order["grand_total"]["amount"],
        within_s=60,
        what="the gateway gave it back",
    )
    wait_for(lambda: buyer.get(path).json["refunds"][0]["status"] == "succeeded", within_s=60, what="orders know")
    assert buyer.get(path).json["payment_status"] == "refunded"


def test_the_doctor_finds_nothing_in_orders_payments_and_stock_after_all_that(shop: RunningShop) -> None:
    lines = shop.feria("doctor").stdout.splitlines()
    looked_at = [line for line in lines if re.match(r"(ok|BROKEN) +(orders|checkout|catalog\.stock)", line)]
    assert len(looked_at) > 12
    assert [line for line in looked_at if line.startswith("BROKEN")] == []
