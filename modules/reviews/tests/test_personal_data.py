"""What a person is shown of himself, and what is left once he is erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from feria_core import db
from feria_core.contracts.privacy import PERSONAL_DATA, DataSubject, OwnAddress
from feria_core.runtime import registry
from feria_reviews import checks

NAME, EMAIL = "Zenobia Quill", "Zenobia.Quill@example.org"


def part() -> Any:
    return next(each for each in registry().all(PERSONAL_DATA) if each.section == "reviews")


def subject(person: UUID) -> DataSubject:
    return DataSubject(person, NAME, EMAIL, (OwnAddress(EMAIL, (EMAIL.lower(),)),))


async def lived(shop: Any, upload: Any, make_picture: Any) -> tuple[UUID, UUID, str]:
    """Let the person do everything here; return person, product, and the published review."""
    product, person = await shop.product("Oak table"), await shop.person(NAME, email=EMAIL)
    await shop.deliver(person, product)
    text = f"Signed, {NAME} ({EMAIL})"
    review = (await shop.write(person, product, title="By Zenobia", text=text)).json["id"]
    await shop.staff.post(f"/api/admin/reviews/{review}/approve")
    await shop.staff.post(f"/api/admin/reviews/{review}/reply", {"text": "Dear Zenobia, thank you."})
    me = shop.client.as_customer(person)
    assert (await upload(me, review, make_picture())).status == 201
    await shop.write(person, await shop.product("Desk"), text=f"{NAME} waits")
    other = await shop.published(product, rating=3)
    await me.post(f"/api/reviews/{other}/votes", {"helpful": True})
    await me.post(f"/api/reviews/{other}/reports", {"text": f"{NAME} says it is spam"})
    await me.put("/api/review-requests/settings", {"mails": False})
    await shop.deliver(None, product, email=EMAIL)
    return person, product, review


async def test_a_person_is_shown_all_that_is_kept(shop: Any, upload: Any, make_picture: Any) -> None:
    person, product, review = await lived(shop, upload, make_picture)
    shown = await part().export(subject(person))
    assert shown["reviews"][0]["id"] == review
    assert [len(shown[name]) for name in ("reviews", "votes", "reports", "deliveries")] == [2, 1, 1, 1]
    assert shown["reviews"][0]["reply"] == "Dear Zenobia, thank you."
    assert shown["deliveries"][0]["product_id"] == str(product)
    assert shown["wants_no_requests"] is True


async def test_an_erased_persons_review_stays_as_nobodys(shop: Any, upload: Any, make_picture: Any) -> None:
    person, product, review = await lived(shop, upload, make_picture)
    before = (await shop.seen(product))["summary"]
    for _ in range(2):
        async with db.transaction():
            await part().erase(subject(person))
    page = await shop.seen(product)
    item = next(item for item in page["items"] if item["id"] == review)
    assert (item["author_name"], item["photos"], item["rating"]) == ("", [], 5)
    assert (item["title"], item["text"]) == ("By ***", "Signed, *** (***)")
    assert item["reply"]["text"] == "Dear ***, thank you."
    assert page["summary"] == before
    assert [item["helpful_count"] for item in page["items"] if item["id"] != review] == [1]
    assert await checks.review_summaries() + await checks.review_votes() + await checks.review_badges() == []
    assert await db.fetch_value("SELECT count(*) FROM catalog_media_use") == 0


async def test_no_table_of_reviews_knows_an_erased_person(shop: Any, upload: Any, make_picture: Any) -> None:
    person, _, _ = await lived(shop, upload, make_picture)
    async with db.transaction():
        await part().erase(subject(person))
    tables = await db.fetch_all("SELECT tablename FROM pg_tables WHERE tablename LIKE 'reviews!_%' ESCAPE '!'")
    assert len(tables) == 10
    for table in tables:
        rows = await db.fetch_all(f"SELECT * FROM {table['tablename']}")
        stored = str([dict(row) for row in rows])
        assert [part for part in (str(person), "Zenobia", "Quill") if part in stored] == [], table["tablename"]
    assert await db.fetch_value("SELECT count(*) FROM reviews_delivery") == 0


async def test_another_persons_guest_order_under_an_old_address_stays(shop: Any, clock: Any) -> None:
    person = await shop.person(NAME, email="new@example.org")
    product = await shop.product()
    until = clock.at
    clock.move(days=1)
    await shop.deliver(None, product, email=EMAIL)
    async with db.transaction():
        await part().erase(DataSubject(person, NAME, None, (OwnAddress(EMAIL, (EMAIL.lower(),), until),)))
    assert await db.fetch_value("SELECT count(*) FROM reviews_delivery") == 1
