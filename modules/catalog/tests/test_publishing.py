"""When a product is shown: judged at read time, through the response cache too, without any job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from feria_catalog.domain import status_at
from feria_core import db
from feria_core.testing.clock import MovableClock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with MovableClock(NOON) as movable:
        yield movable


@pytest.fixture
async def shelf(staff, make_product):
    """One product that is always shown, and one from 13:00 to 14:00."""
    await staff.post("/api/admin/categories", {"name": "Tables"})
    await make_product("Steady", category="tables", brand="Acme")
    return await make_product(
        "Fleeting table", category="tables", brand="Acme", status="scheduled",
        publish_at="2026-06-01T13:00:00Z", unpublish_at="2026-06-01T14:00:00Z",
    )  # fmt: skip


async def seen(client, catalog, product):
    """Return whether the product is shown, for each of the places where it could be."""
    lists = ("/api/products", "/api/products?category=tables", "/api/products?q=fleeting", "/api/products?sort=price")
    found = [any(i["id"] == product["id"] for i in (await client.get(path)).json["items"]) for path in lists]
    suggestions = (await client.get("/api/products/suggest?q=fleet")).json["items"]
    found.append(any(item["slug"] == product["slug"] for item in suggestions))
    found.append((await client.get("/api/products/fleeting-table")).status == 200)
    related = (await client.get("/api/products/steady")).json["related"]
    found.append(any(card["id"] == product["id"] for card in related))
    found.append((await client.get("/api/categories")).json["items"][0]["product_count"] == 2)
    found.append((await client.get("/api/categories/tables")).json["product_count"] == 2)
    found.append((await client.get("/api/brands")).json["items"][0]["product_count"] == 2)
    variant = UUID(product["variants"][0]["id"])
    found.append((await catalog.offers([variant]))[variant].is_sold)
    return found


async def test_a_window_opens_and_closes_to_the_second_everywhere(client, staff, catalog, shelf, clock):
    path = f"/api/admin/products/{shelf['id']}"
    for at, shown, status in (
        (NOON, False, "scheduled"),
        (NOON + timedelta(minutes=59, seconds=59), False, "scheduled"),
        (NOON + timedelta(hours=1), True, "published"),
        (NOON + timedelta(hours=1, minutes=59, seconds=59), True, "published"),
        (NOON + timedelta(hours=2), False, "archived"),
    ):
        clock.at = at
        assert await seen(client, catalog, shelf) == [shown] * 11, at
        assert (await staff.get(path)).json["status"] == status
        listed = (await staff.get(f"/api/admin/products?status={status}")).json["items"]
        assert shelf["id"] in {item["id"] for item in listed}
        assert next(item for item in listed if item["id"] == shelf["id"])["status"] == status
    assert await db.fetch_value("SELECT count(*) FROM core_job") == 0


async def test_an_end_can_be_set_moved_and_taken_away(client, staff, make_product, clock):
    made = await make_product("Lamp")
    path = f"/api/admin/products/{made['id']}"
    assert (await staff.patch(path, {"unpublish_at": "2026-06-01T12:30:00Z"})).json["version"] == 2
    assert len((await client.get("/api/products")).json["items"]) == 1
    clock.move(minutes=30)
    assert (await client.get("/api/products")).json["items"] == []
    assert (await staff.patch(path, {"unpublish_at": None})).status == 200
    assert len((await client.get("/api/products")).json["items"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"status": "scheduled"}, {"publish_at": "2026-06-01T13:00:00Z", "unpublish_at": "2026-06-01T13:00:00Z"},
        {"unpublish_at": "soon"}, {"unpublish_at": 5}, {"unpublish_at": "9999-12-31T23:59:59Z"},
    ],
)  # fmt: skip
async def test_senseless_windows_are_refused(staff, make_product, body):
    made = await make_product("Lamp")
    assert (await staff.patch(f"/api/admin/products/{made['id']}", body)).status == 422
    price = {"amount": 5, "currency": "USD"}
    new = {"name": "New", "variants": [{"sku": "N", "price": price}], **body}
    assert (await staff.post("/api/admin/products", new)).status == 422


def test_the_four_states():
    hour = timedelta(hours=1)
    assert status_at("draft", NOON - hour, None, NOON) == "draft"
    assert status_at("published", None, None, NOON) == "published"
    assert status_at("published", NOON, None, NOON) == "published"
    assert status_at("published", NOON + hour, None, NOON) == "scheduled"
    assert status_at("published", None, NOON, NOON) == "archived"
    assert status_at("archived", NOON + hour, None, NOON) == "archived"
