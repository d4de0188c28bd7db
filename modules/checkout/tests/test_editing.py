"""What a shopper may write into a checkout, and what it then costs."""

from __future__ import annotations

import pytest

from feria_checkout import checks
from feria_checkout.countries import COUNTRIES
from feria_core import db
from feria_core.testing.work import run_jobs

ADDRESS = {"name": "Ada", "line1": "Calle 5 12", "city": "San José", "region": "SJ", "country": "CR"}
AMERICAN = {**ADDRESS, "region": "CA", "postal_code": "90001", "country": "US"}


async def test_totals_follow_the_address_and_the_method(shop):
    buyer = await shop.open(await shop.guest(await shop.variant(price=1000), 2))
    first = buyer.opened
    assert (first["grand_total"]["amount"], first["tax_lines"]) == (2000, [])
    filled = (await buyer.fill(shipping_address=ADDRESS)).json
    assert filled["tax_total"] == {"amount": 325, "currency": "USD"}
    assert filled["tax_lines"] == [{"rate": "0.13", "label": "IVA 13 %", "amount": filled["tax_total"]}]
    assert filled["tax_included"] is False
    assert filled["grand_total"]["amount"] == 2000 + 500 + 325
    express = (await buyer.fill(shipping_address=ADDRESS, shipping_method="express")).json
    assert express["grand_total"]["amount"] == 2000 + 1500 + 455
    assert express["version"] == filled["version"] + 1
    untaxed = (await buyer.fill(shipping_address=AMERICAN)).json
    assert (untaxed["tax_total"]["amount"], untaxed["tax_lines"]) == (0, [])


async def test_a_patch_changes_what_it_names_only(shop):
    buyer = await shop.ready()
    assert (await buyer.client.patch(buyer.path, {"note": "hi"})).json["email"] == "ada@example.org"
    cleared = (await buyer.client.patch(buyer.path, {"email": None, "note": None})).json
    assert (cleared["email"], cleared["note"], cleared["missing"]) == (None, None, ["email", "payment"])
    assert cleared["shipping_address"]["city"] == "Los Angeles"


async def test_shipping_methods_have_price_and_estimate(shop):
    buyer = await shop.ready()
    items = (await buyer.client.get(buyer.path + "/shipping-methods")).json["items"]
    assert [(item["code"], item["price"]["amount"]) for item in items] == [("standard", 500), ("express", 1500)]
    assert items[0]["earliest"] < items[0]["latest"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"unknown": 1},
        {"email": "not an address"},
        {"email": "a@b.org,c@d.org"},
        {"email": "a@b.org\nBcc: c@d.org"},
        {"email": "x" * 300 + "@b.org"},
        {"email": 5},
        {"note": "x" * 2001},
        {"shipping_method": "pigeon"},
        {"shipping_method": 1},
        {"shipping_address": {**ADDRESS, "country": "cr"}},
        {"shipping_address": {**ADDRESS, "country": "XX"}},
        {"shipping_address": {**ADDRESS, "country": "CRC"}},
        {"shipping_address": {**ADDRESS, "name": ""}},
        {"shipping_address": {**ADDRESS, "name": "   "}},
        {"shipping_address": {**ADDRESS, "city": "x" * 201}},
        {"shipping_address": {**ADDRESS, "line1": "a\nb"}},
        {"shipping_address": {**ADDRESS, "surprise": 1}},
        {"shipping_address": {"country": "CR"}},
        {"shipping_address": []},
        {"note": "nul\x00"},
    ],
)
async def test_what_does_not_fit_is_refused_by_name(shop, body):
    buyer = await shop.open(await shop.guest(await shop.variant()))
    reply = await buyer.client.patch(buyer.path, body)
    assert (reply.status, reply.json["errors"][0]["loc"] != []) == (422, True)


@pytest.mark.parametrize("text", ["🛒 مرحبا", "Ünïcödé", "' OR 1=1 --", "<script>", "日本語", "a\u202eb", "%s {0}"])
async def test_any_unicode_may_be_an_address(shop, text):
    buyer = await shop.ready()
    reply = await buyer.fill(shipping_address={**ADDRESS, "name": text, "city": text}, note=text)
    assert (reply.status, reply.json["shipping_address"]["name"], reply.json["note"]) == (200, text, text)
    await buyer.pay()
    assert (await buyer.complete()).json["shipping_address"]["city"] == text


@pytest.mark.parametrize(
    "body",
    [
        {"expected_total": {"amount": -1, "currency": "USD"}},
        {"expected_total": {"amount": 1.5, "currency": "USD"}},
        {"expected_total": {"amount": "1", "currency": "USD"}},
        {"expected_total": {"amount": True, "currency": "USD"}},
        {"expected_total": {"amount": 2**63 - 1, "currency": "USD"}},
        {"expected_total": {"amount": 1, "currency": "usd"}},
        {"expected_total": None},
        {},
    ],
)
async def test_a_total_that_is_no_money_is_refused(shop, body):
    buyer = await shop.ready()
    reply = await buyer.client.post(buyer.path + "/complete", body, headers={"Idempotency-Key": "k"})
    assert reply.status in {400, 422}


async def test_an_unknown_provider_is_refused(shop):
    buyer = await shop.ready()
    reply = await buyer.pay("gold")
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, "unknown_payment_provider")


async def test_the_enabled_providers_are_listed(shop):
    items = (await shop.client.get("/api/payment-providers")).json["items"]
    known = [(item["name"], item["is_immediate"]) for item in items]
    assert known == [("manual", True), ("stripe", False), ("paypal", False)]


async def test_a_cart_emptied_meanwhile_is_told(shop):
    buyer = await shop.ready()
    await buyer.pay()
    await buyer.cart.delete("/api/cart")
    seen = await buyer.see()
    assert (seen["items"], seen["missing"], seen["grand_total"]["amount"]) == ([], ["items"], 0)
    assert (await buyer.complete(expected={"amount": 1500, "currency": "USD"})).code == "cart_empty"


async def test_an_edit_is_kept_though_stock_ran_out(shop):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    await shop.take_stock(variant, left=0)
    assert (await buyer.fill(note="kept")).json["note"] == "kept"
    assert (await buyer.pay()).code == "out_of_stock"


async def test_the_doctor_finds_nothing_in_a_sound_shop(shop, gateway):
    for provider in ("manual", "stripe"):
        buyer = await shop.ready()
        await (buyer.pay_at_gateway(gateway) if provider == "stripe" else buyer.pay())
        assert (await buyer.complete()).status == 201
    await shop.ready()
    await run_jobs()
    assert [await check() for check in (checks.payments_and_orders, checks.open_checkouts, checks.money_owed)] == [
        []
    ] * 3


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE checkout_payment SET state = 'failed'", "has no payment"),
        ("UPDATE checkout_checkout SET state = 'expired'", "has no order of it"),
        ("UPDATE checkout_payment SET amount = amount + 1", "differs from order"),
        ("DELETE FROM orders_order", "never placed"),
    ],
)
async def test_the_doctor_finds_what_does_not_fit(shop, damage, words):
    buyer = await shop.ready()
    await buyer.pay()
    await buyer.complete()
    await db.execute(damage)
    found = await checks.payments_and_orders()
    assert any(words in line for line in found), found


async def test_the_doctor_finds_stock_held_for_nobody_and_money_owed(shop, clock):
    await shop.ready()
    buyer = await shop.ready()
    await buyer.pay()
    await db.execute("UPDATE checkout_payment SET state = 'refund_due'")
    clock.move(days=2)
    assert len(await checks.open_checkouts()) == len(await checks.money_owed()) == 1


def test_the_countries_are_those_of_the_standard():
    assert len(COUNTRIES) == 249
    assert {"CR", "DE", "US", "JP"} <= COUNTRIES
