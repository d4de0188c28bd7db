"""Admin through real processes: many products at once while workers die, reports, webhooks of which none is lost."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from servers import descendants, wait_for
from shop import Http, running_shop
from standardwebhooks import Webhook

from feria_core.testing.webhook_receiver import WebhookReceiver

OWNER, PASSWORD = "owner@example.org", "a desk of cherry wood"
PRICE = {"amount": 1000, "currency": "USD"}


@pytest_asyncio.fixture(loop_scope="session")
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver() as running:
        yield running


def signed_in(shop: Any) -> Http:
    made = shop.feria("staff", "create", "--email", OWNER, "--password-stdin", stdin=PASSWORD)
    assert made.returncode == 0, made.stderr
    answer = shop.http.post("/api/auth/login", {"email": OWNER, "password": PASSWORD})
    return Http(shop.http.base, {"Authorization": f"Bearer {answer.json['access_token']}"})


def products(staff: Http, count: int) -> list[str]:
    made = []
    for number in range(count):
        body = {"name": f"Stool {number}", "variants": [{"sku": f"ST-{number}", "price": PRICE, "stock": 100}]}
        made.append(staff.post("/api/admin/products", body).json["id"])
    return made


def kill_a_worker(shop: Any, dice: random.Random) -> None:
    alive = descendants(shop.process, "feria_workers")
    if alive:
        dice.choice(alive).kill()


async def journey(tmp_path: Path, receiver: WebhookReceiver, *, things: int, kills: int) -> None:
    dice = random.Random(5)
    with running_shop(tmp_path / "data", tmp_path / "log", "--no-demo") as shop:
        staff = signed_in(shop)
        keys = products(staff, things)
        webhook = staff.post(
            "/api/admin/webhooks", {"url": receiver.url, "events": ["orders.placed", "catalog.*"]}
        ).json
        begun = staff.post(
            "/api/admin/bulk",
            {"section": "products", "act": "edit", "keys": keys, "body": {"status": "published"}},
            Idempotency_Key="many",
        )
        assert begun.status == 202, begun.json
        for _ in range(kills):
            await asyncio.sleep(dice.uniform(0.2, 1.5))
            kill_a_worker(shop, dice)

        def bulk() -> Any:
            return staff.get(f"/api/admin/bulk/{begun.json['id']}").json

        await asyncio.to_thread(wait_for, lambda: bulk()["state"] == "done", within_s=180, what="all are published")
        assert (bulk()["done"], bulk()["failed"]) == (things, 0)
        assert shop.http.get("/api/products").json["total"] == things
        rows = _all(staff, "/api/admin/audit-log?limit=100&text=published&object_type=product")
        assert sorted(row["object_id"] for row in rows) == sorted(keys)

        variant = shop.http.get(f"/api/products/{keys[0]}").json["variants"][0]["id"]
        for _ in range(3):
            buy(shop.http, variant)
        sales = staff.get("/api/admin/analytics/sales?tz=America/New_York").json
        assert sales["totals"]["orders"] == 3
        sold = staff.get("/api/admin/analytics/products").json["items"]
        assert [(item["key"], item["units"]) for item in sold] == [(keys[0], 3)]
        assert staff.get("/api/admin/dashboard").json["periods"]["today"]["figures"][1]["value"] == 3

        def told() -> set[str]:
            bodies = [Webhook(webhook["secret"]).verify(got.body, got.headers) for got in receiver.received]
            return {body["data"]["number"] for body in bodies if body["type"] == "orders.placed"}

        await asyncio.to_thread(wait_for, lambda: len(told()) == 3, within_s=120, what="each order is told")
        audit = shop.feria("audit", "verify")
        assert audit.returncode == 0, audit.stdout + audit.stderr
        rebuilt = shop.feria("analytics", "rebuild")
        assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
        assert staff.get("/api/admin/analytics/sales").json["totals"]["orders"] == 3


def _all(staff: Http, path: str) -> list[Any]:
    items, cursor = [], None
    while True:
        page = staff.get(path + (f"&cursor={cursor}" if cursor else "")).json
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def buy(http: Http, variant: str) -> None:
    """Place an order on invoice."""
    added = http.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    cart = Http(http.base, {"Cart-Token": added.headers["cart-token"]})
    opened = cart.post("/api/checkouts").json
    buyer = Http(http.base, {"Checkout-Token": opened["token"]})
    path = f"/api/checkouts/{opened['id']}"
    address = {"name": "Ada", "line1": "Calle 5", "city": "San José", "region": "SJ", "postal_code": "10101",
               "country": "CR"}  # fmt: skip
    buyer.patch(path, {"email": "ada@example.org", "shipping_address": address, "shipping_method": "standard"})
    buyer.post(f"{path}/payments", {"provider": "manual"}, Idempotency_Key=f"pay-{opened['id']}")
    total = buyer.get(path).json["grand_total"]
    done = buyer.post(f"{path}/complete", {"expected_total": total}, Idempotency_Key=f"done-{opened['id']}")
    assert done.status == 201, done.json


async def test_staff_publish_many_sell_and_read_the_reports(
    tmp_path: Path, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERIA_ADMIN__WEBHOOK_NETWORKS", json.dumps(["127.0.0.1/32"]))
    await journey(tmp_path, receiver, things=20, kills=1)


@pytest.mark.soak
async def test_workers_that_die_lose_no_row_and_no_webhook(
    tmp_path: Path, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERIA_ADMIN__WEBHOOK_NETWORKS", json.dumps(["127.0.0.1/32"]))
    await journey(tmp_path, receiver, things=400, kills=10)
