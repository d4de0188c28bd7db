"""Buyers of a running shop."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from servers import wait_for
from shop import Http, RunningShop

ADDRESS = {"name": "Ana Solís", "line1": "Avenida Central 1", "city": "San José", "region": "SJ",
           "postal_code": "10101", "country": "CR"}  # fmt: skip


def key() -> dict[str, str]:
    return {"Idempotency_Key": str(uuid4())}


def buy(shop: RunningShop, email: str, **address: str) -> tuple[Http, dict[str, Any]]:
    """Buy three mugs by card as a guest; return a client that holds the order's token, and the order."""
    http = Http(shop.http.base)
    card = http.get("/api/products?q=mug&in_stock=true").json["items"][0]
    added = http.post("/api/cart/items", {"variant_id": card["default_variant_id"], "quantity": 3})
    http.headers["Cart-Token"] = added.headers["cart-token"]
    opened = http.post("/api/checkouts").json
    http.headers["Checkout-Token"] = opened["token"]
    path = f"/api/checkouts/{opened['id']}"
    method = http.get(f"{path}/shipping-methods").json["items"][0]
    whole = {**ADDRESS, **address}
    chosen = {"email": email, "shipping_address": whole, "shipping_method": method.get("code") or method["id"]}
    total = http.patch(path, chosen).json["grand_total"]
    session = http.post(f"{path}/payments", {"provider": "stripe"}, **key())
    intent = session.json["client_secret"].partition("_secret_")[0]
    shop.gateway.post(f"/_fake/pay/{intent}", {"payment_method": "pm_card_visa"})

    def complete() -> Any:
        return http.post(f"{path}/complete", {"expected_total": total}, **key())

    wait_for(lambda: complete().status == 201, within_s=30, what="the payment made the order")
    order = complete().json
    assert order["payment_status"] == "paid"
    return Http(http.base, {"Order-Token": order["token"]}), order
