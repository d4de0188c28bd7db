"""Orders that stand where staff's acts want them: paid, packed, delivered, wanted back, authorised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from hostile_wire import JSON

from feria_core import db
from feria_core.ids import new_id
from feria_core.runtime import settings

if TYPE_CHECKING:
    from furnished_shop import Furnished


async def sell(shop: Furnished) -> None:
    """Let the customer order, so that each act of staff finds an order, a parcel and a return of its own."""
    await _deliver(shop)
    await _reserve(shop)
    shop.say({
        "POST /orders/<number>/cancel": {"reason": "The last ones broke"},
        "POST /orders/<number>/fulfilments": {"carrier": "DHL"},
        "POST /orders/<number>/refunds": {"reason": "A scratch"},
        "POST /orders/<number>/payments/capture": {},
        "PATCH /orders/<number>/fulfilments/<fulfilment_id>": {"status": "shipped"},
        "POST /returns/<return_id>/receive": {},
    })  # fmt: skip


async def _deliver(shop: Furnished) -> None:
    """A paid order of five: three delivered, all wanted back one by one, one being packed, one left."""
    number = await shop.shop._ordered({"variant_id": shop.shop.facts["variant_id"], "quantity": 5})
    await shop.call("POST", f"/orders/{number}/payments/received")
    item = (await shop.call("GET", f"/orders/{number}"))["items"][0]["id"]
    sent = await shop.call("POST", f"/orders/{number}/fulfilments", {"items": [{"item_id": item, "quantity": 3}]})
    await shop.call("PATCH", f"/orders/{number}/fulfilments/{sent['id']}", {"status": "delivered"})
    packed = {"items": [{"item_id": item, "quantity": 1}], "status": "pending"}
    parcel = await shop.call("POST", f"/orders/{number}/fulfilments", packed)
    shop.name(
        {"/orders/<number>/refunds:number": number, "/orders/<number>/fulfilments/<fulfilment_id>:number": number}
    )
    shop.shop.paths["fulfilment_id"] = parcel["id"]
    for act in ("approve", "reject", "receive"):
        wanted = {"items": [{"item_id": item, "quantity": 1}], "reason": "other"}
        asked = await _as_customer(shop, f"/api/orders/{number}/returns", wanted)
        shop.name({f"/returns/<return_id>/{act}:return_id": asked["id"]})
    await shop.call("POST", f"/returns/{asked['id']}/approve", {})


async def _reserve(shop: Furnished) -> None:
    """An order whose money the provider holds until it is captured."""
    from feria_checkout.settings import CheckoutSettings

    rules = settings(CheckoutSettings)
    object.__setattr__(rules, "capture", "manual")
    try:
        items = {"variant_id": shop.shop.facts["variant_id"], "quantity": 1}
        checkout, _ = await shop.shop._checkout(items, person=shop.shop.people[1].headers)
        path = f"/api/checkouts/{checkout}"
        await _as_customer(shop, f"{path}/payments", {"provider": "stripe"})
        await shop.gateway.pay(await db.fetch_value("SELECT reference FROM checkout_payment WHERE provider = 'stripe'"))
        total = await db.fetch_one("SELECT amount, currency FROM checkout_payment WHERE provider = 'stripe'")
        order = await _as_customer(shop, f"{path}/complete", {"expected_total": dict(total)})
    finally:
        object.__setattr__(rules, "capture", "automatic")
    shop.name({"/orders/<number>/payments/capture:number": order["number"]})


async def _as_customer(shop: Furnished, path: str, body: Any) -> Any:
    headers = (*shop.shop.people[1].headers, *JSON, (b"idempotency-key", new_id().hex.encode()))
    heard = await shop.shop.wire.send("POST", path, headers=headers, body=orjson.dumps(body))
    assert heard.status < 300, f"{path}: {heard.status} {heard.body!r}"
    return heard.json
