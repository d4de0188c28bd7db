"""Votes and reports: one of each person, whatever comes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from feria_core import db
from feria_reviews import checks


async def test_fifty_votes_of_one_person_at_once_count_once(shop: Any) -> None:
    product = await shop.product()
    review, voter = await shop.published(product), shop.client.as_customer(await shop.person("Bo"))
    path = f"/api/reviews/{review}/votes"
    replies = await asyncio.gather(*(voter.post(path, {"helpful": True}) for _ in range(50)))
    assert {reply.status for reply in replies} == {200}
    item = (await shop.seen(product))["items"][0]
    assert (item["helpful_count"], item["unhelpful_count"]) == (1, 0)
    assert await db.fetch_value("SELECT count(*) FROM reviews_vote") == 1


async def test_fifty_people_at_once_count_fifty_times(shop: Any) -> None:
    product = await shop.product()
    review = await shop.published(product)
    voters = [shop.client.as_customer(uuid4()) for _ in range(50)]
    await asyncio.gather(
        *(v.post(f"/api/reviews/{review}/votes", {"helpful": n % 5 > 0}) for n, v in enumerate(voters))
    )
    item = (await shop.seen(product))["items"][0]
    assert (item["helpful_count"], item["unhelpful_count"]) == (40, 10)
    assert await checks.review_votes() == []


async def test_a_vote_is_changed_and_taken_back(shop: Any) -> None:
    product = await shop.product()
    review, voter = await shop.published(product), shop.client.as_customer(await shop.person())
    path = f"/api/reviews/{review}/votes"
    told = []
    for vote in (True, True, False, None, None, True):
        reply = (await voter.post(path, {"helpful": vote})).json
        told.append((reply["helpful_count"], reply["unhelpful_count"], reply["my_vote"]))
    assert told == [(1, 0, True), (1, 0, True), (0, 1, False), (0, 0, None), (0, 0, None), (1, 0, True)]
    mine = (await voter.get(f"/api/products/{product}/reviews")).json["items"][0]
    assert mine["my_vote"] is True
    assert (await shop.seen(product))["items"][0]["my_vote"] is None
    assert [(await voter.delete(path)).status for _ in range(2)] == [204, 204]
    assert (await shop.seen(product))["items"][0]["helpful_count"] == 0


async def test_nobody_votes_on_or_reports_his_own(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    await shop.deliver(ana, product)
    review = (await shop.write(ana, product)).json["id"]
    me = shop.client.as_customer(ana)
    for path, body in (("votes", {"helpful": True}), ("votes", {"helpful": None}), ("reports", {})):
        refused = await me.post(f"/api/reviews/{review}/{path}", body)
        assert (refused.status, refused.code) == (403, "own_review")
    assert (await shop.seen(product))["items"][0]["helpful_count"] == 0


async def test_only_what_is_shown_is_voted_on(shop: Any) -> None:
    product, voter = await shop.product(), shop.client.as_customer(await shop.person("Bo"))
    held = (await shop.write(await shop.person(), product)).json["id"]
    for review in (held, uuid4(), "none"):
        assert (await voter.post(f"/api/reviews/{review}/votes", {"helpful": True})).code == "review_unknown"
        assert (await voter.post(f"/api/reviews/{review}/reports", {})).code == "review_unknown"
    assert (await shop.client.post(f"/api/reviews/{held}/votes", {"helpful": True})).status == 401
    assert (await voter.post(f"/api/reviews/{held}/votes", {})).status == 422


def wilson(helpful: int, unhelpful: int, z: float = 1.96) -> float:
    """The lower bound of Wilson's score interval, as the textbooks write it."""
    n = helpful + unhelpful
    if n == 0:
        return 0.0
    share = helpful / n
    middle = share + z * z / (2 * n)
    spread = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    return (middle - spread) / (1 + z * z / n)


async def test_the_most_helpful_come_first_by_wilsons_lower_bound(shop: Any) -> None:
    product = await shop.product()
    votes = [(1, 0), (9, 1), (90, 10), (0, 4), (0, 0), (60, 40), (2, 0)]
    for helpful, unhelpful in votes:
        review = await shop.published(product)
        await db.execute(
            "UPDATE reviews_review SET helpful = $2, unhelpful = $3 WHERE id = $1::text::uuid",
            review, helpful, unhelpful,
        )  # fmt: skip
    await db.execute("DELETE FROM core_rate_limit")
    reader = shop.client.as_customer(uuid4())
    items = (await reader.get(f"/api/products/{product}/reviews?sort=helpful")).json["items"]
    seen = [(item["helpful_count"], item["unhelpful_count"]) for item in items]
    assert seen[:5] == sorted(votes, key=lambda pair: -wilson(*pair))[:5]
    rows = await db.fetch_all("SELECT helpful, unhelpful, wilson FROM reviews_review")
    for row in rows:
        assert row["wilson"] == pytest.approx(wilson(row["helpful"], row["unhelpful"]), abs=1e-12)


async def test_reports_hide_a_review_until_staff_have_looked(shop: Any) -> None:
    product = await shop.product()
    review = await shop.published(product)
    path = f"/api/reviews/{review}/reports"
    people = [shop.client.as_customer(uuid4()) for _ in range(6)]
    for person in people[:2]:
        assert (await person.post(path, {"reason": "spam", "text": "An advertisement"})).status == 202
        assert (await person.post(path, {"reason": "spam"})).status == 202
    assert len((await shop.seen(product))["items"]) == 1
    await people[2].post(path, {"reason": "offensive"})
    assert (await shop.seen(product))["items"] == []
    assert await shop.card(product) == (None, 0)
    (flagged,) = (await shop.staff.get("/api/admin/reviews?status=flagged&reported=true")).json["items"]
    assert (flagged["id"], flagged["report_count"], flagged["held_by"]) == (review, 3, "reports")
    reports = (await shop.staff.get(f"/api/admin/reviews/{review}")).json["reports"]
    assert [(r["reason"], r["text"], r["handled_at"]) for r in reports] == [
        ("offensive", "", None), ("spam", "An advertisement", None), ("spam", "An advertisement", None),
    ]  # fmt: skip
    approved = (await shop.staff.post(f"/api/admin/reviews/{review}/approve")).json
    assert (approved["status"], approved["report_count"]) == ("approved", 0)
    for person in people[:5]:  # those who have reported it before do not count again
        await person.post(path, {})
    assert len((await shop.seen(product))["items"]) == 1
    await people[5].post(path, {})
    assert (await shop.seen(product))["items"] == []


async def test_of_an_address_the_first_report_counts(shop: Any, choose: Callable[..., None]) -> None:
    choose(report_threshold=2)
    product = await shop.product()
    review = await shop.published(product)
    replies = await asyncio.gather(*(shop.client.post(f"/api/reviews/{review}/reports", {}) for _ in range(10)))
    assert {reply.status for reply in replies} == {202}
    assert len((await shop.seen(product))["items"]) == 1
    row = await db.fetch_one("SELECT * FROM reviews_report")
    assert row is not None
    assert "127.0.0.1" not in str(dict(row))


async def test_reports_of_an_address_are_limited(shop: Any) -> None:
    review = await shop.published(await shop.product())
    replies = [await shop.client.post(f"/api/reviews/{review}/reports", {}) for _ in range(31)]
    assert [reply.status for reply in replies[-2:]] == [202, 429]
    assert replies[-1].headers["retry-after"]
