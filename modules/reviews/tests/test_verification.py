"""The badge: who bought what, as orders announces it, in whatever order its news arrive."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from feria_core import db
from feria_core.testing.work import run_jobs
from feria_reviews import checks


async def badge(shop: Any, person: UUID) -> bool:
    (mine,) = (await shop.client.as_customer(person).get("/api/reviews/mine")).json["items"]
    return bool(mine["verified_purchase"])


async def test_a_buyer_gets_the_badge_whichever_comes_first(shop: Any) -> None:
    product = await shop.product()
    for is_review_first in (True, False):
        ana = await shop.person()
        if is_review_first:
            await shop.write(ana, product)
            assert not await badge(shop, ana)
        await shop.deliver(ana, product)
        if not is_review_first:
            assert (await shop.write(ana, product)).json["verified_purchase"] is True
        assert await badge(shop, ana)
    assert await checks.review_badges() == []


async def test_the_badge_reaches_readers_at_once(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    written = (await shop.write(ana, product)).json
    await shop.staff.post(f"/api/admin/reviews/{written['id']}/approve")
    assert (await shop.seen(product))["items"][0]["verified_purchase"] is False
    order = await shop.deliver(ana, product)
    assert (await shop.seen(product))["items"][0]["verified_purchase"] is True
    await shop.refund(order, ana, product)
    assert (await shop.seen(product))["items"][0]["verified_purchase"] is False


async def test_a_refund_of_another_product_or_of_some_money_keeps_it(shop: Any) -> None:
    table, desk, ana = await shop.product(), await shop.product("Desk"), await shop.person()
    order = await shop.deliver(ana, table, desk)
    await shop.write(ana, table)
    await shop.refund(order, ana)
    await shop.refund(order, ana, desk)
    assert await badge(shop, ana)


async def test_a_full_refund_of_the_order_takes_it_from_everything(shop: Any) -> None:
    table, ana = await shop.product(), await shop.person()
    order = await shop.deliver(ana, table)
    await shop.write(ana, table)
    await shop.refund(order, ana, is_full=True)
    assert not await badge(shop, ana)
    await shop.deliver(ana, table, order=order)
    assert not await badge(shop, ana)


async def test_a_second_order_keeps_it_when_the_first_is_refunded(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    first = await shop.deliver(ana, product)
    await shop.deliver(ana, product)
    await shop.write(ana, product)
    await shop.refund(first, ana, product)
    assert await badge(shop, ana)


async def test_what_is_delivered_after_a_refund_counts(shop: Any, clock: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    order = await shop.deliver(ana, product)
    await shop.write(ana, product)
    await shop.refund(order, ana, product)
    clock.move(hours=1)
    await shop.deliver(ana, product, order=order)
    assert await badge(shop, ana)


async def test_a_refund_that_overtakes_the_delivery_is_not_forgotten(shop: Any, clock: Any) -> None:
    product, ana, order = await shop.product(), await shop.person(), uuid4()
    delivered_at = clock.at
    clock.move(hours=1)
    await shop.refund(order, ana, product)
    await shop.deliver(ana, product, order=order, at=delivered_at)
    assert (await shop.write(ana, product)).json["verified_purchase"] is False


async def test_news_that_come_twice_change_nothing(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    order = await shop.deliver(ana, product)
    await shop.deliver(ana, product, order=order)
    await shop.write(ana, product)
    for _ in range(2):
        await shop.refund(order, ana, product)
    assert not await badge(shop, ana)
    assert await db.fetch_value("SELECT count(*) FROM reviews_delivery") == 1


@pytest.mark.parametrize("is_review_first", [True, False])
async def test_what_a_guest_got_counts_once_the_address_is_verified(shop: Any, is_review_first: bool) -> None:
    product = await shop.product()
    ana = await shop.person(email="Ana@Example.org", is_verified=False)
    await shop.deliver(None, product, email="aNA@example.ORG")
    if is_review_first:
        assert (await shop.write(ana, product)).json["verified_purchase"] is False
    await shop.verify_email(ana, "Ana@Example.org")
    if not is_review_first:
        assert (await shop.write(ana, product)).json["verified_purchase"] is True
    assert await badge(shop, ana)


async def test_an_unverified_address_proves_nothing(shop: Any) -> None:
    product = await shop.product()
    thief = await shop.person(email="victim@example.org", is_verified=False)
    await shop.deliver(None, product, email="victim@example.org")
    assert (await shop.write(thief, product)).json["verified_purchase"] is False


async def test_a_guest_order_after_the_verification_counts_at_the_next_change(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person(email="ana@example.org")
    written = (await shop.write(ana, product)).json
    await shop.deliver(None, product, email="ana@example.org")
    changed = await shop.client.as_customer(ana).patch(f"/api/reviews/{written['id']}", {"rating": 4})
    assert changed.json["verified_purchase"] is True


async def test_a_guests_refund_is_known_to_who_claims_the_order_later(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person(email="ana@example.org")
    order = await shop.deliver(None, product, email="ana@example.org")
    await shop.refund(order, None, product)
    await shop.verify_email(ana, "ana@example.org")
    assert (await shop.write(ana, product)).json["verified_purchase"] is False


async def test_the_address_of_a_guest_is_stored_nowhere(shop: Any) -> None:
    await shop.deliver(None, await shop.product(), email="guest@example.org")
    row = await db.fetch_one("SELECT * FROM reviews_delivery")
    assert row is not None
    assert "guest" not in str(dict(row))


async def test_nothing_is_kept_of_a_person_who_is_gone(shop: Any) -> None:
    await shop.deliver(uuid4(), await shop.product())
    assert await db.fetch_value("SELECT count(*) FROM reviews_delivery") == 0


async def test_a_review_written_while_its_refund_arrives_does_not_keep_the_badge(shop: Any) -> None:
    product = await shop.product()
    people = [await shop.person() for _ in range(12)]
    orders = [await shop.deliver(person, product) for person in people]
    for person, order in zip(people, orders, strict=True):
        await shop.refund(order, person, product, run=False)
    # The news are applied while everybody writes.
    await asyncio.gather(run_jobs(), *(shop.write(person, product) for person in people))
    await run_jobs()
    assert [await badge(shop, person) for person in people] == [False] * 12
    assert await checks.review_badges() == []


async def test_a_review_written_while_its_delivery_arrives_gets_the_badge(shop: Any) -> None:
    product = await shop.product()
    people = [await shop.person() for _ in range(12)]
    for person in people:
        await shop.deliver(person, product, run=False)
    await asyncio.gather(run_jobs(), *(shop.write(person, product) for person in people))
    await run_jobs()
    assert [await badge(shop, person) for person in people] == [True] * 12


async def test_nobody_without_a_delivered_line_gets_it_by_any_route(
    shop: Any, clock: Any, upload: Any, make_picture: Any
) -> None:
    """Hundreds of attempts: forged fields, others' deliveries, orders on the way, refunds, staff, links, photos."""
    product, other = await shop.product(), await shop.product("Desk")
    buyer = await shop.person()
    await shop.deliver(buyer, product)
    bought = (await shop.write(buyer, product)).json["id"]
    attempts = 0
    for number in range(40):
        person = await shop.person(email=f"p{number}@example.org", is_verified=number % 2 == 0)
        order = await shop.deliver(person, other, run=False)  # another product
        if number % 3 == 0:
            refunded = await shop.deliver(person, product, run=False, at=clock.at - timedelta(days=1))
            await shop.refund(refunded, person, product, run=False)
        if number % 3 == 1:
            await shop.deliver(None, product, email=f"else-{number}@example.org", run=False)
        await run_jobs()
        attempts += await tried_by_a_person(shop, person, product, number)
        await shop.deliver(person, other, order=order)
        me = shop.client.as_customer(person)
        foreign = await me.patch(f"/api/reviews/{bought}", {"rating": 1})
        link = await shop.client.post("/api/review-requests", {"token": "A" * 43, "rating": 5})
        assert (foreign.status, link.code) == (404, "review_link_unknown")
        attempts += 2
        if number % 10 == 0:
            (mine,) = (await me.get("/api/reviews/mine")).json["items"]
            photo = await upload(me, mine["id"], make_picture(number % 9))
            assert (photo.status, await badge(shop, person)) == (201, False)
            attempts += 1
    page = await shop.seen(product, "?limit=100")
    assert attempts >= 200
    assert [item["verified_purchase"] for item in page["items"]].count(True) == 1
    assert len(page["items"]) == 41
    assert await checks.review_badges() == []


async def tried_by_a_person(shop: Any, person: UUID, product: UUID, number: int) -> int:
    """Write, change, have published, delete and write again; assert that there is no badge and return the attempts."""
    me, path = shop.client.as_customer(person), f"/api/products/{product}/reviews"
    forged = {"verified_purchase": True} if number % 2 else {"is_verified": True}
    assert (await me.post(path, {"rating": 5, **forged})).status == 422
    for is_first in (True, False):
        written = await me.post(path, {"rating": 5}, headers={"X-Verified-Purchase": "true"})
        assert (written.status, written.json["verified_purchase"]) == (201, False)
        review = written.json["id"]
        assert (await me.patch(f"/api/reviews/{review}", {"rating": 4, **forged})).status == 422
        assert (await me.patch(f"/api/reviews/{review}", {"rating": 4})).json["verified_purchase"] is False
        staff = f"/api/admin/reviews/{review}"
        assert (await shop.staff.post(f"{staff}/approve", {"verified_purchase": True})).status == 422
        assert (await shop.staff.post(f"{staff}/approve")).json["verified_purchase"] is False
        assert (await shop.staff.post(f"{staff}/reply", {"text": "Thank you"})).json["verified_purchase"] is False
        if is_first:
            assert (await me.delete(f"/api/reviews/{review}")).status == 204
    return 13
