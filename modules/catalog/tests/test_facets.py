"""Facets: what is counted, what filters keep, and that both are as of now."""

from __future__ import annotations

import pytest

from feria_core import db


def facet(reply, code):
    return next(f for f in reply.json["facets"] if f["code"] == code)


def counts(reply, code):
    return {row["value"]: row["count"] for row in facet(reply, code)["values"]}


@pytest.fixture
async def shelf(staff, make_product):
    """Four products of two brands in two categories, with colours and widths."""
    for body in (
        {"name": "Furniture"},
        {"name": "Tables", "parent": "furniture"},
        {"name": "Chairs", "parent": "furniture"},
    ):
        assert (await staff.post("/api/admin/categories", body)).status == 201
    return [
        await make_product(
            "Oak table", price=19900, category="tables", brand="Acme", attributes={"colour": "Brown", "width": 120}
        ),
        await make_product(
            "Pine table", price=9900, category="tables", brand="Nandu", attributes={"colour": "White", "width": 80}
        ),
        await make_product(
            "Pine chair",
            price=4900,
            compare_at=5900,
            category="chairs",
            brand="Nandu",
            attributes={"colour": "white", "width": 45.5},
        ),
        await make_product(
            "Steel chair", price=7900, category="chairs", brand="Acme", stock=0, attributes={"colour": "Grey"}
        ),
    ]


async def test_a_list_has_facets_only_where_they_are_asked_for(client, shelf):
    assert "facets" not in (await client.get("/api/products")).json
    reply = await client.get("/api/products?facets=true")
    assert reply.json["total"] == 4
    assert [f["code"] for f in reply.json["facets"]] == [
        "category", "brand", "price", "rating", "in_stock", "on_sale", "colour", "width",
    ]  # fmt: skip
    assert counts(reply, "category") == {"furniture": 4, "tables": 2, "chairs": 2}
    assert counts(reply, "brand") == {"acme": 2, "nandu": 2}
    assert counts(reply, "colour") == {"white": 2, "brown": 1, "grey": 1}
    assert counts(reply, "in_stock") == {"true": 3, "false": 1}
    assert counts(reply, "on_sale") == {"true": 1, "false": 3}
    assert (facet(reply, "width")["min"], facet(reply, "width")["max"]) == (45.5, 120)
    assert sum(part["count"] for part in facet(reply, "price")["ranges"]) == 4
    assert facet(reply, "colour")["parameter"] == "attr.colour"
    assert facet(reply, "width")["type"] == "number"


async def test_each_facet_is_counted_without_its_own_filter(client, shelf):
    reply = await client.get("/api/products?facets=true&attr.colour=white&brand=nandu")
    assert reply.json["total"] == 2
    assert counts(reply, "colour") == {"white": 2}
    assert counts(reply, "brand") == {"nandu": 2}
    reply = await client.get("/api/products?facets=true&attr.colour=white")
    assert counts(reply, "colour") == {"white": 2, "brown": 1, "grey": 1}
    assert [row["selected"] for row in facet(reply, "colour")["values"]] == [True, False, False]
    assert counts(reply, "category") == {"furniture": 2, "tables": 1, "chairs": 1}
    assert counts(reply, "brand") == {"nandu": 2}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("attr.width.min=80", {"Oak table", "Pine table"}),
        ("attr.width.max=80", {"Pine table", "Pine chair"}),
        ("attr.width.min=45.5&attr.width.max=45.5", {"Pine chair"}),
        ("attr.width.min=80&attr.colour=brown", {"Oak table"}),
        ("attr.nothing.min=1", set()),
        ("attr.width.min=9&category=chairs", {"Pine chair"}),
        ("q=table&attr.width.min=100", {"Oak table"}),
        ("q=table&attr.width.min=10&sort=price", {"Oak table", "Pine table"}),
    ],
)
async def test_ranges_keep_what_is_between_their_bounds(client, shelf, query, expected):
    reply = await client.get(f"/api/products?{query}")
    assert {item["name"] for item in reply.json["items"]} == expected
    assert reply.json["total"] == len(expected)


@pytest.mark.parametrize(
    "query",
    [
        "attr.width.min=x", "attr.width.min=nan", "attr.width.min=1e400", "attr.width.min=1&attr.width.min=2",
        "attr.width.mid=1", "attr..min=1", "facets=perhaps", "attr.width.max=9999999999999999999",
    ],
)  # fmt: skip
async def test_senseless_ranges_are_refused(client, query):
    assert (await client.get(f"/api/products?{query}")).status == 422


async def test_a_selected_value_is_shown_even_where_nothing_is_left_of_it(client, shelf):
    reply = await client.get("/api/products?facets=true&attr.colour=brown&category=chairs")
    assert reply.json["total"] == 0
    assert counts(reply, "colour") == {"white": 1, "grey": 1, "brown": 0}


async def test_the_next_read_counts_what_was_changed_sold_out_or_became_due(client, staff, shelf, make_product, clock):
    oak = shelf[0]
    assert (await staff.patch(f"/api/admin/products/{oak['id']}", {"attributes": {"colour": "White"}})).status == 200
    assert counts(await client.get("/api/products?facets=true"), "colour") == {"white": 3, "grey": 1}
    body = {"sku": oak["sku"], "change": -5, "reason": "broken"}
    assert (await staff.post("/api/admin/stock/adjustments", body)).status in (200, 201)
    assert counts(await client.get("/api/products?facets=true"), "in_stock") == {"true": 2, "false": 2}
    await make_product("Later", publish_at=clock.at.replace(year=clock.at.year + 1, microsecond=0).isoformat())
    assert (await client.get("/api/products?in_stock=true")).json["total"] == 2
    clock.move(days=366)
    assert (await client.get("/api/products?in_stock=true&facets=true")).json["total"] == 3


async def test_rows_that_are_taken_away_are_forgotten(client, shelf):
    assert (await client.get("/api/products?in_stock=true")).json["total"] == 3
    await db.execute("DELETE FROM catalog_product_document WHERE slug = 'oak-table'")
    await db.execute(
        "DELETE FROM catalog_facet WHERE product_no = (SELECT no FROM catalog_product WHERE slug = 'oak-table')"
    )
    reply = await client.get("/api/products?in_stock=true&attr.colour=white")
    assert reply.json["total"] == 2


@pytest.mark.parametrize("sort", ["price", "-price", "-created_at", "-rating", "-popularity", "name"])
async def test_filtered_lists_page_one_by_one_in_order(client, make_product, sort):
    for i in range(7):
        await make_product(f"Thing {i}", price=1000 + i % 3, brand="Acme")
    whole = (await client.get(f"/api/products?brand=acme&sort={sort}&limit=100")).json
    found, cursor = [], ""
    while True:
        page = (await client.get(f"/api/products?brand=acme&sort={sort}&limit=2{cursor}")).json
        found += page["items"]
        assert page["total"] == 7
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == whole["items"]
    assert len({item["id"] for item in found}) == 7
    prices = [item["price"]["amount"] for item in found]
    if sort in ("price", "-price"):
        assert prices == sorted(prices, reverse=sort == "-price")
