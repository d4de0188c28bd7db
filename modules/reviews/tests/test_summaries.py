"""The sums of a product equal a count of its reviews, whatever happens and whatever happens at once."""

from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import UUID, uuid4

import pytest

from feria_core import db
from feria_reviews import checks
from feria_reviews.service import summaries


async def counted(product: UUID) -> dict[str, int]:
    rows = await db.fetch_all(
        "SELECT rating, count(*) AS n FROM reviews_review WHERE product_id = $1 AND status = 'approved' GROUP BY 1",
        product,
    )
    found = {row["rating"]: row["n"] for row in rows}
    return {str(stars): found.get(stars, 0) for stars in (5, 4, 3, 2, 1)}


class Walk:
    """Does at random what people and staff do, over the API."""

    def __init__(self, shop: Any, products: list[UUID], seed: int) -> None:
        self.shop, self.products, self.random = shop, products, random.Random(seed)
        self.reviews: list[tuple[UUID, str]] = []

    async def step(self) -> int:
        """Do something; return the status of the answer."""
        act = self.random.choice((self.write, self.write, self.change, self.delete, self.decide, self.decide,
                                  self.report, self.vote))  # fmt: skip
        if act != self.write and not self.reviews:
            act = self.write
        return int((await act()).status)

    async def write(self) -> Any:
        person = uuid4()
        reply = await self.shop.write(
            person, self.random.choice(self.products), rating=self.random.randint(1, 5),
            text=self.random.choice(("", "www.spam.example")),
        )  # fmt: skip
        if reply.status == 201:
            self.reviews.append((person, reply.json["id"]))
        return reply

    async def change(self) -> Any:
        person, review = self.random.choice(self.reviews)
        body = {"rating": self.random.randint(1, 5)}
        return await self.shop.client.as_customer(person).patch(f"/api/reviews/{review}", body)

    async def delete(self) -> Any:
        person, review = self.random.choice(self.reviews)
        return await self.shop.client.as_customer(person).delete(f"/api/reviews/{review}")

    async def decide(self) -> Any:
        _, review = self.random.choice(self.reviews)
        verb = self.random.choice(("approve", "approve", "approve", "reject"))
        return await self.shop.staff.post(f"/api/admin/reviews/{review}/{verb}")

    async def report(self) -> Any:
        _, review = self.random.choice(self.reviews)
        return await self.shop.client.as_customer(uuid4()).post(f"/api/reviews/{review}/reports", {})

    async def vote(self) -> Any:
        _, review = self.random.choice(self.reviews)
        body = {"helpful": self.random.choice((True, False, None))}
        return await self.shop.client.as_customer(uuid4()).post(f"/api/reviews/{review}/votes", body)


async def walk(shop: Any, choose: Any, *, steps: int, at_once: int, seed: int) -> None:
    """Walk some steps at once until all are done; then, and now and then, compare."""
    choose(auto_approve="all", report_threshold=2)
    products = [await shop.product(f"Product {number}") for number in range(3)]
    walker = Walk(shop, products, seed)
    for done in range(0, steps, at_once):
        statuses = await asyncio.gather(*(walker.step() for _ in range(at_once)))
        assert {status for status in statuses if status not in (200, 201, 202, 204, 404)} == set()
        if done % (at_once * 10) == 0:
            assert await checks.review_summaries() == []
    for product in products:
        page = await shop.seen(product)
        histogram = await counted(product)
        count = sum(histogram.values())
        stars_sum = sum(int(stars) * number for stars, number in histogram.items())
        assert page["summary"]["histogram"] == histogram
        assert page["summary"]["count"] == count
        # Two decimals: at most half a hundredth off, whichever way a half goes.
        mean = pytest.approx(stars_sum / count, abs=0.005 + 1e-9) if count else None
        assert page["summary"]["mean"] == mean
        assert await shop.card(product) == (page["summary"]["mean"], count)
    assert await checks.review_summaries() == []
    assert await checks.review_votes() == []
    assert await checks.review_badges() == []


async def test_the_sums_equal_a_recount_after_a_random_walk_of_fifty_at_once(shop: Any, choose: Any) -> None:
    await walk(shop, choose, steps=300, at_once=50, seed=20261128)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_the_sums_equal_a_recount_after_ten_thousand_random_steps(shop: Any, choose: Any) -> None:
    await walk(shop, choose, steps=10_000, at_once=50, seed=7)


async def test_fifty_reviews_of_one_product_at_once_all_count(shop: Any, choose: Any) -> None:
    choose(auto_approve="all")
    product = await shop.product()
    replies = await asyncio.gather(*(shop.write(uuid4(), product, rating=number % 5 + 1) for number in range(50)))
    assert {reply.status for reply in replies} == {201}
    assert (await shop.seen(product))["summary"]["histogram"] == dict.fromkeys("54321", 10)
    assert await shop.card(product) == (3.0, 50)


async def test_a_wrong_sum_is_found_and_counted_anew(shop: Any) -> None:
    product = await shop.product()
    await shop.published(product, rating=4)
    await db.execute("UPDATE reviews_summary SET stars_1 = 7, stars_4 = 0")
    (finding,) = await checks.review_summaries()
    assert str(product) in finding
    assert await summaries.recount() == 1
    assert await checks.review_summaries() == []
    assert await shop.card(product) == (4.0, 1)


async def test_a_lost_or_needless_sum_is_found_too(shop: Any) -> None:
    product = await shop.product()
    await shop.published(product)
    await db.execute("DELETE FROM reviews_summary")
    assert len(await checks.review_summaries()) == 1
    assert await summaries.recount() == 1
    await db.execute("DELETE FROM reviews_review")
    assert len(await checks.review_summaries()) == 1
    assert await summaries.recount() == 1
    assert await shop.card(product) == (None, 0)


async def test_wrong_votes_and_badges_are_found(shop: Any) -> None:
    review = await shop.published(await shop.product())
    await db.execute("UPDATE reviews_review SET helpful = 3, is_verified = true")
    assert [review in finding for finding in (await checks.review_votes()) + (await checks.review_badges())] == [
        True,
        True,
    ]


async def test_the_rating_reaches_the_list_and_the_page_for_search_engines(shop: Any) -> None:
    product = await shop.product("Oak table")
    for rating in (5, 4):
        await shop.published(product, rating=rating)
    (card,) = (await shop.client.get("/api/products?rating_min=4")).json["items"]
    assert (card["rating"], card["review_count"]) == (4.5, 2)
    page = (await shop.client.get("/api/products/oak-table")).json
    assert page["jsonld"]["aggregateRating"] == {
        "@type": "AggregateRating", "ratingValue": "4.50", "reviewCount": 2, "bestRating": "5", "worstRating": "1",
    }  # fmt: skip


async def test_nothing_is_half_done_where_the_card_cannot_be_written(
    shop: Any, choose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from feria_catalog.shown import ShownProducts

    async def fail(*_: Any, **__: Any) -> bool:
        raise RuntimeError("the card is not written")

    choose(auto_approve="all")
    product = await shop.product()
    with monkeypatch.context() as broken:
        broken.setattr(ShownProducts, "rate", fail)
        assert (await shop.write(uuid4(), product)).status == 500
    assert await db.fetch_value("SELECT count(*) FROM reviews_review") == 0
    assert await db.fetch_value("SELECT count(*) FROM reviews_summary") == 0


async def test_lists_by_rating_put_many_good_reviews_before_one_perfect(shop):
    perfect, liked = await shop.product("Perfect once"), await shop.product("Liked by many")
    await shop.published(perfect, rating=5)
    for number in range(12):
        await shop.published(liked, rating=5 if number % 3 else 4, name=f"Person {number}")
    answer = (await shop.client.get("/api/products?sort=-rating")).json
    assert [card["rating"] for card in answer["items"]] == [4.67, 5.0]
