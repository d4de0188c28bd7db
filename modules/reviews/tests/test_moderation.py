"""Staff's side: what waits, what is published or refused, the shop's reply, and what of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest

from feria_core import db
from feria_core.testing.work import run_jobs


async def audited(action: str) -> list[dict[str, Any]]:
    rows = await db.fetch_all(
        "SELECT before::text AS before, after::text AS after FROM core_audit WHERE action = $1 ORDER BY id", action
    )
    return [{name: orjson.loads(row[name] or "null") for name in ("before", "after")} for row in rows]


async def test_staff_find_what_waits_and_why(shop: Any) -> None:
    product = await shop.product("Oak table")
    await shop.published(product)
    ana = await shop.person()
    held = (await shop.write(ana, product, text="www.spam.example", rating=1)).json["id"]
    for query in ("?status=pending", f"?customer={ana}", "?rating=1", "?q=SPAM", "?status=pending&product=oak-table"):
        (found,) = (await shop.staff.get(f"/api/admin/reviews{query}")).json["items"]
        assert (found["id"], found["held_by"], found["customer_id"]) == (held, "link", str(ana)), query
    assert len((await shop.staff.get("/api/admin/reviews")).json["items"]) == 2
    assert (await shop.staff.get("/api/admin/reviews?reported=true")).json["items"] == []
    detail = await shop.staff.get(f"/api/admin/reviews/{held}")
    assert (detail.json["reports"], detail.json["version"]) == ([], 1)


async def test_only_moderators_may(shop: Any) -> None:
    review = await shop.published(await shop.product())
    for caller in (shop.client.as_staff("catalog.write"), shop.client.as_customer(await shop.person())):
        assert (await caller.get("/api/admin/reviews")).status == 403
        for act in ("approve", "reject", "reply"):
            assert (await caller.post(f"/api/admin/reviews/{review}/{act}", {"text": "x"})).status == 403
    assert (await shop.client.post(f"/api/admin/reviews/{review}/approve")).status == 401
    assert (await shop.client.as_api_key("reviews.moderate").get("/api/admin/reviews")).status == 200


async def test_a_rejected_review_is_shown_and_counted_no_more(shop: Any) -> None:
    product = await shop.product()
    review = await shop.published(product)
    rejected = await shop.staff.post(f"/api/admin/reviews/{review}/reject", {"reason": "An advertisement"})
    assert (rejected.json["status"], rejected.json["moderation_note"]) == ("rejected", "An advertisement")
    assert (await shop.seen(product))["items"] == []
    assert await shop.card(product) == (None, 0)
    again = await shop.staff.post(f"/api/admin/reviews/{review}/approve")
    assert (again.json["status"], again.json["moderation_note"]) == ("approved", None)
    assert await shop.card(product) == (5.0, 1)


async def test_every_decision_is_audited_without_a_word_of_the_person(shop: Any) -> None:
    product = await shop.product()
    review = await shop.published(product, text="Zenobia was here", name="Zenobia Quill")
    await shop.staff.post(f"/api/admin/reviews/{review}/reject", {"reason": "Zenobia again"})
    await shop.staff.post(f"/api/admin/reviews/{review}/reply", {"text": "Dear Zenobia"})
    await shop.staff.delete(f"/api/admin/reviews/{review}/reply")
    assert [entry["after"]["status"] for entry in await audited("reviews.approved")] == ["approved"]
    (rejected,) = await audited("reviews.rejected")
    assert (rejected["before"]["status"], rejected["after"]["status"]) == ("approved", "rejected")
    assert (await audited("reviews.replied"))[0]["after"] == {"reply_length": 12}
    assert len(await audited("reviews.reply_withdrawn")) == 1
    assert await db.fetch_value("SELECT count(*) FROM core_audit WHERE after::text ILIKE '%zenobia%'") == 0


async def test_staff_publish_only_what_they_have_read(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    written = (await shop.write(ana, product)).json
    await shop.client.as_customer(ana).patch(f"/api/reviews/{written['id']}", {"text": "Something else"})
    path = f"/api/admin/reviews/{written['id']}/approve"
    assert (await shop.staff.post(path, {"version": 1})).code == "stale_version"
    assert (await shop.staff.post(path, {"version": 2})).status == 200


async def test_publishing_twice_counts_once(shop: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    review = (await shop.write(ana, product)).json["id"]
    path = f"/api/admin/reviews/{review}/approve"
    replies = await asyncio.gather(*(shop.staff.post(path) for _ in range(6)))
    assert {reply.status for reply in replies} == {200}
    assert (await shop.seen(product))["summary"]["count"] == 1


@pytest.mark.parametrize("way", ["change", "delete"])
async def test_what_was_refused_does_not_slip_past_the_rules(shop: Any, way: str) -> None:
    product, ana = await shop.product(), await shop.person()
    await shop.deliver(ana, product)
    review = (await shop.write(ana, product)).json["id"]
    await shop.staff.post(f"/api/admin/reviews/{review}/reject")
    me = shop.client.as_customer(ana)
    if way == "change":
        for text in ("Nicer words", "Nicer words still"):
            changed = await me.patch(f"/api/reviews/{review}", {"text": text})
            assert (changed.status, changed.json["status"]) == (200, "pending")
    else:
        await me.delete(f"/api/reviews/{review}")
        again = await shop.write(ana, product)
        assert again.json["status"] == "pending"
        review = again.json["id"]
    (held,) = (await shop.staff.get("/api/admin/reviews?status=pending")).json["items"]
    assert held["held_by"] == "refused_before"
    await shop.staff.post(f"/api/admin/reviews/{review}/approve")
    assert (await me.patch(f"/api/reviews/{review}", {"text": "Once more"})).json["status"] == "approved"


async def test_the_shop_answers_in_public_and_takes_it_back(shop: Any) -> None:
    product = await shop.product()
    review = await shop.published(product)
    path = f"/api/admin/reviews/{review}/reply"
    for text in ("Thank you.", "Thank you very much."):
        assert (await shop.staff.post(path, {"text": text})).json["reply"]["text"] == text
    assert (await shop.seen(product))["items"][0]["reply"]["text"] == "Thank you very much."
    assert [(await shop.staff.delete(path)).status for _ in range(2)] == [204, 204]
    assert (await shop.seen(product))["items"][0]["reply"] is None
    for body in ({"text": ""}, {"text": "  "}, {}, {"text": "x" * 5001}, {"text": "\x01"}):
        assert (await shop.staff.post(path, body)).status == 422


async def test_authors_are_told_once_in_their_language(shop: Any, mailbox: Any, choose: Callable[..., None]) -> None:
    product, ana = await shop.product(), await shop.person(email="ana@example.org")
    await db.execute("UPDATE users_account SET locale = 'es' WHERE id = $1", ana)
    review = (await shop.write(ana, product)).json["id"]
    for _ in range(2):
        await shop.staff.post(f"/api/admin/reviews/{review}/approve")
        await shop.staff.post(f"/api/admin/reviews/{review}/reply", {"text": "Thank <you>."})
    await run_jobs()
    subjects = sorted(mail["subject"] for mail in mailbox.mails())
    assert subjects == ["Feria respondió a su reseña de Oak table", "Feria: su reseña de Oak table está publicada"]
    assert any("Thank &lt;you&gt;." in mail["html"] for mail in mailbox.mails())
    mailbox.clear()
    choose(mail_approved=False, mail_replied=False)
    other = await shop.published(product)
    await shop.staff.post(f"/api/admin/reviews/{other}/reply", {"text": "Thank you."})
    await run_jobs()
    assert mailbox.mails() == []


async def test_an_unknown_review_is_not_found(shop: Any) -> None:
    for review in (uuid4(), "none"):
        assert (await shop.staff.get(f"/api/admin/reviews/{review}")).code == "review_unknown"
        assert (await shop.staff.post(f"/api/admin/reviews/{review}/approve")).code == "review_unknown"
        assert (await shop.staff.post(f"/api/admin/reviews/{review}/reply", {"text": "x"})).code == "review_unknown"


async def test_staff_export_every_review_without_a_formula(shop: Any) -> None:
    product = await shop.product()
    await shop.published(product, title="=cmd()", text="-1+1", display_name="@ana")
    exported = await shop.staff.get("/api/admin/reviews/export")
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    heading, line = exported.body.decode().splitlines()
    assert heading.startswith("external_id,product,rating,title,text,author,")
    assert "'=cmd(),'-1+1,'@ana" in line
