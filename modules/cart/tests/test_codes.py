"""Discounts and discount codes, which other modules contribute."""

from __future__ import annotations

import pytest

from feria_core import runtime
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment
from feria_core.errors import Conflict


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


class CodeExpired(Conflict):
    code, title = "code_expired", "The code has expired"


def a_tenth_with_code(basket):
    share = 10 if basket.codes else 1000
    return Adjustment(
        "0190-tenth", "10 % off", {line.item_id: Money(line.total.amount // share, "USD") for line in basket.lines}
    )


@pytest.fixture
def promotions_off(monkeypatch):
    running = runtime.Runtime.module
    monkeypatch.setattr(
        runtime.Runtime, "module", lambda self, name: None if name == "promotions" else running(self, name)
    )


async def test_without_promotions_codes_say_so(guest, promotions_off):
    for reply in (await guest.post("/api/cart/codes", {"code": "WELCOME10"}), await guest.delete("/api/cart/codes/X")):
        assert (reply.status, reply.code, reply.json["module"]) == (404, "module_disabled", "promotions")


async def test_a_code_that_nobody_knows_is_unknown(guest, contributions, discounts):
    reply = await guest.post("/api/cart/codes", {"code": "WELCOME10"})
    assert (reply.status, reply.code) == (404, "code_unknown")
    assert "WELCOME10" in reply.json["detail"]


async def test_a_refusal_says_why(guest, discounts):
    discounts.refusal = CodeExpired("The code WELCOME10 ended yesterday: use another.")
    assert (await guest.post("/api/cart/codes", {"code": "WELCOME10"})).code == "code_expired"


async def test_an_accepted_code_is_kept_once_reaches_the_pricing_and_can_be_taken_off(with_token, catalog, discounts):
    guest = await with_token()
    discounts.codes["WELCOME10"] = "WELCOME10"
    discounts.adjustments.append(a_tenth_with_code)
    await guest.post("/api/cart/items", {"variant_id": catalog.put(price=1000), "quantity": 2})
    for typed in ("welcome10", "WELCOME10"):
        reply = await guest.post("/api/cart/codes", {"code": typed})
        assert (reply.status, reply.json["codes"]) == (201, ["WELCOME10"])
    assert reply.json["discounts"] == [{"promotion": "0190-tenth", "label": "10 % off", "amount": usd(200)}]
    assert (reply.json["discount_total"], reply.json["total"]) == (usd(200), usd(1800))
    assert reply.json["items"][0]["discount"] == usd(200)
    assert reply.json["items"][0]["total"] == usd(1800)
    removed = await guest.delete("/api/cart/codes/WELCOME10")
    assert (removed.status, removed.json["codes"], removed.json["total"]) == (200, [], usd(1998))
    assert (await guest.delete("/api/cart/codes/WELCOME10")).code == "code_unknown"


async def test_a_strangers_code_cannot_be_taken_off(with_token, discounts):
    owner, stranger = await with_token(), await with_token()
    discounts.codes["MINE"] = "MINE"
    await owner.post("/api/cart/codes", {"code": "MINE"})
    assert (await stranger.delete("/api/cart/codes/MINE")).status == 404
    assert (await owner.get("/api/cart")).json["codes"] == ["MINE"]


async def test_a_cart_takes_only_so_many_codes(with_token, discounts):
    guest = await with_token()
    discounts.codes = {f"C{n}": f"C{n}" for n in range(11)}
    replies = [await guest.post("/api/cart/codes", {"code": code}) for code in discounts.codes]
    assert [reply.status for reply in replies] == [201] * 10 + [409]
    assert replies[-1].code == "too_many_codes"


async def test_discounts_come_in_the_same_order_however_they_are_contributed(with_token, catalog, discounts):
    guest = await with_token()
    await guest.post("/api/cart/items", {"variant_id": catalog.put(price=1000), "quantity": 1})
    cuts = [
        lambda basket, name=name: Adjustment(name, name, {basket.lines[0].item_id: Money(700, "USD")}) for name in "ba"
    ]
    seen = []
    for order in (cuts, cuts[::-1]):
        discounts.adjustments = list(order)
        seen.append((await guest.get("/api/cart")).json)
    assert seen[0] == seen[1]
    assert [(d["promotion"], d["amount"]["amount"]) for d in seen[0]["discounts"]] == [("a", 700), ("b", 300)]
    assert seen[0]["total"] == usd(0)
