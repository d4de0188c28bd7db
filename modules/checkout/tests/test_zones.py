"""Zones: what is taxed and shipped where, at which price, and for how long a price holds."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from feria_checkout.demo import load
from feria_checkout.zones import Area, zone_of
from feria_core import db
from feria_core.contracts.money import Money
from feria_core.contracts.shipping import SHIPPING_PROVIDERS, ShippingOffer
from feria_core.contracts.tax import TAX_PROVIDERS, AppliedRate, TaxAnswer
from feria_core.runtime import registry

CR = {"name": "Ada", "line1": "Calle 5 12", "city": "San José", "region": "SJ", "postal_code": "10101", "country": "CR"}
US = {"name": "Ada", "line1": "1 Main St", "city": "LA", "region": "CA", "postal_code": "90001", "country": "US"}
FLAT = {"code": "post", "label": "Post", "kind": "flat", "amount": 700, "min_days": 2, "max_days": 4}


def tax_zone(**changes):
    rates = {"standard": {"name": "IVA", "rate": "0.13"}, "reduced": {"name": "IVA", "rate": "0.04"}}
    return {"name": "Costa Rica", "countries": ["CR"], "rates": rates, **changes}


def shipping_zone(*methods, **changes):
    return {"name": "Costa Rica", "countries": ["CR"], "methods": list(methods) or [FLAT], **changes}


async def put(shop, kind, code, body):
    staff = shop.client.as_staff(f"{kind}.write")
    reply = await staff.put(f"/api/admin/{kind}/zones/{code}", body)
    assert reply.status == 200, reply.body
    return reply.json


async def variant(shop, *, tax_class="standard", price=1000, weight_g=400, stock=10):
    body = {
        "name": "Thing", "status": "published",
        "variants": [{
            "sku": f"S-{uuid.uuid4().hex[:8]}", "price": {"amount": price, "currency": "USD"}, "stock": stock,
            "weight_g": weight_g,
        }],
    }  # fmt: skip
    reply = await shop.staff.post("/api/admin/products", body)
    assert reply.status == 201, reply.body
    made = reply.json["variants"][0]["id"]
    await db.execute("UPDATE catalog_variant SET tax_class = $2 WHERE id = $1", uuid.UUID(made), tax_class)
    return made


async def basket(shop, *items, **fill):
    """Return a buyer of (variant, quantity) pairs at an address in Costa Rica."""
    cart = await shop.guest(*items[0])
    for item, quantity in items[1:]:
        assert (await cart.post("/api/cart/items", {"variant_id": item, "quantity": quantity})).status == 201
    buyer = await shop.open(cart)
    reply = await buyer.fill(**{"shipping_address": CR, **fill})
    assert reply.status == 200, reply.body
    return buyer, reply.json


async def test_each_class_has_its_rate_and_shipping_the_standard_one(shop):
    await put(shop, "tax", "cr", tax_zone())
    goods, food = await variant(shop), await variant(shop, tax_class="reduced")
    _, seen = await basket(shop, (goods, 1), (food, 1))
    assert seen["tax_lines"] == [
        {"rate": "0.13", "label": "IVA 13 %", "amount": {"amount": 195, "currency": "USD"}},
        {"rate": "0.04", "label": "IVA 4 %", "amount": {"amount": 40, "currency": "USD"}},
    ]
    assert seen["grand_total"]["amount"] == 2500 + 235


async def test_the_zone_that_is_drawn_most_closely_counts(shop):
    await put(shop, "tax", "us", tax_zone(countries=["US"], rates={"standard": {"name": "US", "rate": "0.05"}}))
    await put(
        shop, "tax", "ca",
        tax_zone(countries=["US"], regions=["CA"], rates={"standard": {"name": "CA", "rate": "0.0725"}}),
    )  # fmt: skip
    _, seen = await basket(shop, (await variant(shop), 1), shipping_address=US)
    assert [line["label"] for line in seen["tax_lines"]] == ["CA 7.25 %"]


async def test_prices_that_contain_the_tax_do_not_rise(shop):
    await put(shop, "tax", "cr", tax_zone(is_included=True))
    _, seen = await basket(shop, (await variant(shop, price=1130), 1))
    assert seen["tax_included"] is True
    assert seen["grand_total"]["amount"] == 1130 + 500
    assert seen["tax_total"]["amount"] == 188  # 13/113 of 16.30


@pytest.mark.parametrize(("rounding", "tax"), [("order", 2), ("line", 0)])
async def test_tax_is_rounded_once_or_line_by_line(shop, rounding, tax):
    await put(shop, "tax", "cr", tax_zone(rounding=rounding, is_on_shipping=False))
    items = [(await variant(shop, price=3), 1) for _ in range(5)]
    _, seen = await basket(shop, *items)
    assert seen["tax_total"]["amount"] == tax


async def test_an_exempt_customer_pays_no_tax_until_it_ends(shop, clock):
    await put(shop, "tax", "cr", tax_zone())
    customer = uuid.uuid4()
    client = shop.client.as_customer(customer)
    item = await variant(shop)
    await client.post("/api/cart/items", {"variant_id": item, "quantity": 1})
    buyer = await shop.open(client)
    assert (await buyer.fill(shipping_address=CR)).json["tax_total"]["amount"] == 195
    staff = shop.client.as_staff("tax.write")
    path = f"/api/admin/tax/exemptions/{customer}"
    assert (await staff.put(path, {"reason": "diplomat"})).status == 200
    assert (await buyer.see())["tax_total"]["amount"] == 0
    assert (await staff.delete(path)).status == 204
    assert (await staff.delete(path)).status == 404
    assert (await buyer.see())["tax_total"]["amount"] == 195


async def test_outside_of_every_zone_the_settings_hold(shop):
    await put(shop, "tax", "de", tax_zone(countries=["DE"]))
    _, seen = await basket(shop, (await variant(shop), 1))
    assert [line["label"] for line in seen["tax_lines"]] == ["IVA 13 %"]


async def test_the_order_keeps_the_tax_that_was_charged(shop):
    await put(shop, "tax", "cr", tax_zone())
    buyer, _ = await basket(shop, (await variant(shop), 1))
    await buyer.pay()
    order = (await buyer.complete()).json
    await put(shop, "tax", "cr", tax_zone(rates={"standard": {"name": "IVA", "rate": "0.5"}}))
    assert order["tax_total"] == (await buyer.see())["tax_total"] == {"amount": 195, "currency": "USD"}


async def test_a_provider_taxes_in_place_of_the_zones(shop, monkeypatch):
    class Provider:
        async def taxes(self, request):
            rate = AppliedRate(rate=Decimal("0.2"), name="Asked")
            return TaxAnswer((rate,) * len(request.lines), None, is_included=False)

    known = registry().all
    monkeypatch.setattr(registry(), "all", lambda port: [Provider()] if port is TAX_PROVIDERS else known(port))
    _, seen = await basket(shop, (await variant(shop), 1))
    assert seen["tax_lines"] == [{"rate": "0.2", "label": "Asked 20 %", "amount": {"amount": 200, "currency": "USD"}}]


async def test_the_rates_of_the_demo_are_those_of_their_source(shop):
    assert len(await load()) == 1
    assert await load() == []
    zones = (await shop.client.as_staff("tax.write").get("/api/admin/tax/zones")).json["items"]
    rates = {zone["code"]: zone["rates"]["standard"]["rate"] for zone in zones}
    assert (rates["cr"], rates["eu-de"], rates["us-ca"]) == ("0.13", "0.19", "0.0725")
    assert sum(code.startswith("eu-") for code in rates) == 27
    assert [zone["code"] for zone in zones if zone["code"].startswith("eu-") and "reduced" not in zone["rates"]] == [
        "eu-dk"
    ]


async def test_shipping_costs_what_its_tier_says(shop):
    tiers = [{"up_to": 1000, "amount": 300}, {"up_to": 5000, "amount": 900}]
    by_weight = {**FLAT, "code": "parcel", "kind": "weight", "amount": 0, "tiers": tiers}
    await put(shop, "shipping", "cr", shipping_zone(by_weight))
    item = await variant(shop, weight_g=600)
    _, light = await basket(shop, (item, 1), shipping_method="parcel")
    _, heavy = await basket(shop, (item, 2), shipping_method="parcel")
    assert (light["shipping_total"]["amount"], heavy["shipping_total"]["amount"]) == (300, 900)
    buyer = await shop.open(await shop.guest(await variant(shop, weight_g=6000)))
    refused = await buyer.fill(shipping_address=CR, shipping_method="parcel")
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "unknown_shipping_method")


async def test_shipping_is_free_from_a_total_on(shop):
    await put(shop, "shipping", "cr", shipping_zone({**FLAT, "free_over": 2000}))
    item = await variant(shop)
    _, small = await basket(shop, (item, 1), shipping_method="post")
    _, large = await basket(shop, (item, 2), shipping_method="post")
    assert (small["shipping_total"]["amount"], large["shipping_total"]["amount"]) == (700, 0)


async def test_only_the_methods_of_the_zone_are_offered(shop):
    await put(shop, "shipping", "cr", shipping_zone())
    await put(shop, "shipping", "sj", shipping_zone({**FLAT, "code": "bike"}, postcodes=["10000-10999"]))
    buyer, _ = await basket(shop, (await variant(shop), 1), shipping_method="bike")
    offered = (await buyer.client.get(f"{buyer.path}/shipping-methods")).json["items"]
    assert [way["code"] for way in offered] == ["bike"]
    elsewhere = await buyer.client.patch(buyer.path, {"shipping_address": US})
    assert "shipping_method" in elsewhere.json["missing"]


async def test_what_is_picked_up_needs_no_address(shop):
    shelf = {**FLAT, "code": "shop", "label": "In the shop", "kind": "pickup", "amount": 0}
    await put(shop, "shipping", "cr", shipping_zone(shelf))
    buyer = await shop.open(await shop.guest(await variant(shop)))
    seen = (await buyer.fill(shipping_address=None, shipping_method="shop")).json
    assert (seen["missing"], seen["shipping_total"]["amount"]) == (["payment"], 0)
    await buyer.pay()
    assert (await buyer.complete()).status == 201


async def test_digital_goods_are_not_shipped(shop):
    buyer = await shop.open(await shop.guest(await variant(shop, tax_class="digital")))
    seen = (await buyer.client.patch(buyer.path, {"email": "ada@example.org"})).json
    assert seen["missing"] == ["payment"]
    await buyer.pay()
    assert (await buyer.complete()).status == 201


async def test_a_quoted_price_holds_for_its_time(shop, clock):
    await put(shop, "shipping", "cr", shipping_zone())
    buyer, seen = await basket(shop, (await variant(shop), 1), shipping_method="post")
    assert seen["shipping_total"]["amount"] == 700
    await put(shop, "shipping", "cr", shipping_zone({**FLAT, "amount": 900}))
    assert (await buyer.see())["shipping_total"]["amount"] == 700
    clock.move(minutes=31)
    assert (await buyer.see())["shipping_total"]["amount"] == 900


async def test_a_changed_cart_is_priced_anew_though_a_quote_lives(shop):
    tiers = [{"up_to": 1000, "amount": 300}, {"up_to": None, "amount": 900}]
    by_weight = {**FLAT, "code": "parcel", "kind": "weight", "amount": 0, "tiers": tiers}
    await put(shop, "shipping", "cr", shipping_zone(by_weight))
    item = await variant(shop, weight_g=600)
    buyer, _ = await basket(shop, (item, 1), shipping_method="parcel")
    await buyer.cart.post("/api/cart/items", {"variant_id": item, "quantity": 1})
    assert (await buyer.see())["shipping_total"]["amount"] == 900


async def test_a_carriers_offer_is_chosen_and_kept(shop, monkeypatch):
    class Carrier:
        async def offers(self, request):
            return [ShippingOffer("carrier-1", "Carrier", Money(1234, "USD"), 1, 1)]

    known = registry().all
    monkeypatch.setattr(registry(), "all", lambda port: [Carrier()] if port is SHIPPING_PROVIDERS else known(port))
    buyer, seen = await basket(shop, (await variant(shop), 1), shipping_method="carrier-1")
    assert seen["shipping_total"]["amount"] == 1234
    offered = (await buyer.client.get(f"{buyer.path}/shipping-methods")).json["items"]
    assert [way["code"] for way in offered] == ["standard", "express", "carrier-1"]
    await buyer.pay()
    done = await buyer.complete()
    assert (done.status, done.json["shipping_total"]["amount"]) == (201, 1234)


@pytest.mark.parametrize("kind", ["tax", "shipping"])
async def test_zones_are_for_staff_who_may(shop, kind):
    path = f"/api/admin/{kind}/zones"
    assert (await shop.client.get(path)).status == 401
    assert (await shop.client.as_customer().get(path)).status == 403
    staff = shop.client.as_staff(f"{kind}.write")
    body = tax_zone() if kind == "tax" else shipping_zone()
    made = (await staff.put(f"{path}/cr", body)).json
    assert (await staff.get(path)).json["items"] == [made]
    assert (await staff.delete(f"{path}/cr")).status == 204
    assert (await staff.delete(f"{path}/cr")).status == 404
    assert (await staff.get(path)).json["items"] == []


@pytest.mark.parametrize(
    "method",
    [
        {**FLAT, "max_days": 1},
        {**FLAT, "kind": "weight"},
        {**FLAT, "tiers": [{"up_to": 1, "amount": 1}]},
        {**FLAT, "kind": "total", "tiers": [{"up_to": 5, "amount": 1}, {"up_to": 5, "amount": 2}]},
        {**FLAT, "kind": "total", "tiers": [{"up_to": None, "amount": 1}, {"up_to": 5, "amount": 2}]},
        {**FLAT, "amount": -1},
    ],
)
async def test_a_method_that_makes_no_sense_is_refused(shop, method):
    staff = shop.client.as_staff("shipping.write")
    assert (await staff.put("/api/admin/shipping/zones/cr", shipping_zone(method))).status == 422


@pytest.mark.parametrize(
    ("code", "pattern", "fits"),
    [
        ("10101", "101*", True), ("20101", "101*", False), ("SW1A 1AA", "SW1*", True), ("10500", "10000-10999", True),
        ("11000", "10000-10999", False), ("10500-1234", "10000-10999", True), ("", "101*", False), ("A", "A", True),
    ],
)  # fmt: skip
def test_postal_codes_fit_patterns(code, pattern, fits):
    area = Area(frozenset({"CR"}), frozenset(), (pattern,))
    assert bool(area.rank({"country": "CR", "postal_code": code})) is fits


def test_without_an_address_there_is_no_zone():
    assert zone_of(None, []) is None
