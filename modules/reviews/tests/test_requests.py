"""Asking buyers for reviews: once, some days after delivery, with a link that works once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from feria_core import db
from feria_core.jobs import enqueue
from feria_core.testing.work import run_jobs


async def ask() -> None:
    async with db.transaction():
        await enqueue("reviews.send_requests")
    await run_jobs()


def tokens(mail: Any) -> list[str]:
    return re.findall(r"/reviews/write\?token=([\w-]+)", mail["text"])


def way_out(mail: Any) -> str:
    found = re.search(r"/api/review-requests/unsubscribe\?token=\S+", mail["text"])
    assert found
    return found[0]


@pytest.fixture
async def asked(shop: Any, clock: Any, mailbox: Any) -> Any:
    """A buyer who was asked: the person, the product, the mail."""
    product, ana = await shop.product(), await shop.person(email="ana@example.org")
    await shop.deliver(ana, product)
    clock.move(days=8)
    await ask()
    (mail,) = mailbox.mails()
    return ana, product, mail


async def test_a_buyer_is_asked_once_some_days_after_delivery(shop: Any, clock: Any, mailbox: Any) -> None:
    table, desk, ana = await shop.product("Oak table"), await shop.product("Desk"), await shop.person()
    await shop.deliver(ana, table, desk)
    clock.move(days=6)
    await ask()
    assert mailbox.mails() == []
    clock.move(days=2)
    for _ in range(3):
        await ask()
    (mail,) = mailbox.mails()
    assert "Oak table" in mail["text"]
    assert "Desk" in mail["html"]
    assert len(set(tokens(mail))) == 2
    assert await db.fetch_value("SELECT count(*) FROM reviews_request WHERE token_hash IS NOT NULL") == 2


async def test_workers_at_once_ask_once(shop: Any, clock: Any, mailbox: Any) -> None:
    from feria_reviews.service import requests

    product = await shop.product()
    for _ in range(5):
        await shop.deliver(await shop.person(), product)
    clock.move(days=8)
    sent = await asyncio.gather(*(requests.send_due() for _ in range(4)))
    assert sum(sent) == 5
    await run_jobs()
    assert len(mailbox.mails()) == 5


@pytest.mark.parametrize("reason", ["refunded", "reviewed", "unverified", "opted out", "guest", "off", "long ago"])
async def test_who_is_not_to_be_asked_is_not(
    shop: Any, clock: Any, mailbox: Any, choose: Callable[..., None], reason: str
) -> None:
    product = await shop.product()
    ana = await shop.person(is_verified=reason != "unverified")
    order = await shop.deliver(None if reason == "guest" else ana, product)
    if reason == "refunded":
        await shop.refund(order, ana, product)
    elif reason == "reviewed":
        await shop.write(ana, product)
    elif reason == "opted out":
        answer = await shop.client.as_customer(ana).put("/api/review-requests/settings", {"mails": False})
        assert answer.json == {"mails": False}
    elif reason == "off":
        choose(mail_requests=False)
    clock.move(days=60 if reason == "long ago" else 8)
    await ask()
    assert mailbox.mails() == []


async def test_the_request_speaks_the_buyers_language(shop: Any, clock: Any, mailbox: Any) -> None:
    product, ana = await shop.product("Mesa de roble"), await shop.person()
    await db.execute("UPDATE users_account SET locale = 'es' WHERE id = $1", ana)
    await shop.deliver(ana, product)
    clock.move(days=8)
    await ask()
    assert mailbox.mails()[0]["subject"] == "Feria: ¿qué le parece Mesa de roble?"


async def test_the_link_writes_one_verified_review_without_signing_in(shop: Any, asked: Any) -> None:
    ana, product, mail = asked
    (token,) = tokens(mail)
    look = await shop.client.get(f"/api/review-requests?token={token}")
    assert (look.status, look.json["product"]["id"]) == (200, str(product))
    body = {"token": token, "rating": 4, "title": "Sturdy"}
    assert (await shop.client.post("/api/review-requests", {**body, "verified_purchase": True})).status == 422
    replies = await asyncio.gather(*(shop.client.post("/api/review-requests", body) for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [201, *[409] * 5]
    assert {reply.code for reply in replies if reply.status == 409} == {"review_link_used"}
    (item,) = (await shop.seen(product))["items"]
    assert (item["verified_purchase"], item["author_name"], item["rating"]) == (True, "Ana B.", 4)
    assert (await shop.client.get(f"/api/review-requests?token={token}")).code == "review_link_used"
    mine = (await shop.client.as_customer(ana).get("/api/reviews/mine")).json["items"]
    assert [review["id"] for review in mine] == [item["id"]]


async def test_the_token_is_stored_nowhere(asked: Any) -> None:
    (token,) = tokens(asked[2])
    stored = await db.fetch_all("SELECT * FROM reviews_request")
    mails = await db.fetch_value("SELECT count(*) FROM core_mail WHERE context IS NOT NULL")
    assert (token in str([dict(row) for row in stored]), mails) == (False, 0)


async def test_a_link_is_of_no_use_after_its_time(shop: Any, clock: Any, asked: Any) -> None:
    (token,) = tokens(asked[2])
    clock.move(days=31)
    refused = await shop.client.post("/api/review-requests", {"token": token, "rating": 5})
    assert (refused.status, refused.code) == (410, "review_link_expired")
    clock.move(days=31)
    async with db.transaction():
        await enqueue("reviews.forget_links")
    await run_jobs()
    assert await db.fetch_value("SELECT count(*) FROM reviews_request") == 0
    assert (await shop.client.get(f"/api/review-requests?token={token}")).code == "review_link_unknown"


async def test_a_link_after_the_refund_gives_no_badge(shop: Any, clock: Any, mailbox: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    order = await shop.deliver(ana, product)
    clock.move(days=8)
    await ask()
    await shop.refund(order, ana, product)
    (token,) = tokens(mailbox.mails()[0])
    written = await shop.client.post("/api/review-requests", {"token": token, "rating": 5})
    assert (written.status, written.json["verified_purchase"], written.json["status"]) == (201, False, "pending")


async def test_who_has_reviewed_meanwhile_keeps_that_review_and_the_link(shop: Any, asked: Any) -> None:
    ana, product, mail = asked
    await shop.write(ana, product, rating=2)
    (token,) = tokens(mail)
    refused = await shop.client.post("/api/review-requests", {"token": token, "rating": 5})
    assert refused.code == "review_exists"
    assert (await shop.client.get(f"/api/review-requests?token={token}")).status == 200


@pytest.mark.parametrize("method", ["get", "post"])
async def test_one_click_ends_requests_for_good(shop: Any, clock: Any, mailbox: Any, asked: Any, method: str) -> None:
    ana, _, mail = asked
    clock.move(days=400)
    answer = await getattr(shop.client, method)(way_out(mail))
    assert answer.status == (200 if method == "get" else 204)
    mailbox.clear()
    await shop.deliver(ana, await shop.product("Desk"))
    clock.move(days=8)
    await ask()
    assert mailbox.mails() == []
    me = shop.client.as_customer(ana)
    assert (await me.get("/api/review-requests/settings")).json == {"mails": False}
    assert (await me.put("/api/review-requests/settings", {"mails": True})).json == {"mails": True}


async def test_a_forged_way_out_is_none(shop: Any, asked: Any) -> None:
    ana, _, mail = asked
    token = way_out(mail).partition("token=")[2]
    other = await shop.person()
    for forged in (token[:-2] + "AA", token.replace(str(ana), str(other)), "x", f"{ana}."):
        reply = await shop.client.post(f"/api/review-requests/unsubscribe?token={forged}")
        assert reply.code == "review_link_unknown"
    assert await db.fetch_value("SELECT count(*) FROM reviews_optout") == 0


async def test_the_page_of_the_way_out_speaks_the_readers_language(shop: Any, asked: Any) -> None:
    page = await shop.client.get(way_out(asked[2]), headers={"Accept-Language": "es"})
    assert "No le pediremos más reseñas." in page.body.decode()
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
