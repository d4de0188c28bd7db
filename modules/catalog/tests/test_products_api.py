"""What anybody reads: pages, lists, filters, sorts, cursors."""

from __future__ import annotations

import pytest

from feria_core import db
from feria_core.contracts.catalog import StockLine
from feria_core.ids import new_id


def names(reply):
    return [item["name"] for item in reply.json["items"]]


@pytest.fixture
async def shelf(staff, make_product):
    """Three products in two categories of one branch, of two brands."""
    for body in (
        {"name": "Furniture"},
        {"name": "Tables", "parent": "furniture"},
        {"name": "Chairs", "parent": "furniture"},
    ):
        assert (await staff.post("/api/admin/categories", body)).status == 201
    return [
        await make_product("Oak table", price=19900, category="tables", brand="Acme", attributes={"material": "Oak"}),
        await make_product("Pine chair", price=4900, compare_at=5900, category="chairs", brand="Ñandú"),
        await make_product("Steel chair", price=7900, category="chairs", brand="Acme", stock=0),
    ]


async def test_a_product_page_has_all_that_a_frontend_leans_on(client, shelf):
    page = (await client.get("/api/products/oak-table")).json
    assert page["price"] == {"amount": 19900, "currency": "USD"}
    assert page["category_path"] == [
        {"slug": "furniture", "name": "Furniture"},
        {"slug": "tables", "name": "Tables"},
    ]
    assert page["variants"][0]["available"] == 5
    assert page["specifications"] == [
        {"code": "material", "name": "Material", "value": "Oak", "unit": None, "group": None}
    ]
    assert page["jsonld"]["offers"]["price"] == "199.00"
    assert page["seo"]["canonical"].endswith("/products/oak-table")
    assert {card["slug"] for card in page["related"]} == {"pine-chair", "steel-chair"}
    by_id = await client.get(f"/api/products/{page['id']}")
    assert by_id.json == page


async def test_markup_in_a_description_is_shown_as_text(client, make_product):
    product = await make_product("Trap", description="<script>alert(1)</script>\n\nsecond")
    assert product["description_html"] == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p><p>second</p>"


async def test_availability_of_each_variant_stands_in_its_place(client, make_product):
    variants = [
        {"sku": f"S-{size}", "price": {"amount": 100, "currency": "USD"}, "stock": stock, "options": {"size": size}}
        for size, stock in (("s", 1), ("m", 22), ("l", 333))
    ]
    product = await make_product("Shirt", variants=variants)
    page = (await client.get(f"/api/products/{product['slug']}")).json
    assert [(v["sku"], v["available"]) for v in page["variants"]] == [("S-s", 1), ("S-m", 22), ("S-l", 333)]
    assert page["options"] == [{"code": "size", "name": "Size", "values": ["s", "m", "l"]}]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=furniture", {"Oak table", "Pine chair", "Steel chair"}),
        ("category=chairs", {"Pine chair", "Steel chair"}),
        ("category=nowhere", set()),
        ("brand=acme", {"Oak table", "Steel chair"}),
        ("brand=%C3%91and%C3%BA", {"Pine chair"}),
        ("brand=acme&brand=nandu", {"Oak table", "Pine chair", "Steel chair"}),
        ("price_min=4900&price_max=7900", {"Pine chair", "Steel chair"}),
        ("in_stock=true", {"Oak table", "Pine chair"}),
        ("in_stock=false", {"Steel chair"}),
        ("on_sale=true", {"Pine chair"}),
        ("rating_min=1", set()),
        ("attr.material=oak", {"Oak table"}),
        ("attr.material=oak&attr.material=pine", {"Oak table"}),
        ("q=chair&category=chairs&in_stock=true", {"Pine chair"}),
    ],
)
async def test_filters_keep_what_fits(client, shelf, query, expected):
    reply = await client.get(f"/api/products?{query}")
    assert reply.status == 200
    assert set(names(reply)) == expected
    assert reply.json["total"] == len(expected)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("price", ["Pine chair", "Steel chair", "Oak table"]),
        ("-price", ["Oak table", "Steel chair", "Pine chair"]),
        ("name", ["Oak table", "Pine chair", "Steel chair"]),
        ("-created_at", ["Steel chair", "Pine chair", "Oak table"]),
    ],
)
async def test_sorts_order_and_page_one_by_one(client, shelf, sort, expected):
    found, cursor = [], ""
    while True:
        reply = await client.get(f"/api/products?sort={sort}&limit=1{cursor}")
        found += names(reply)
        assert reply.json["total"] == 3
        if reply.json["next_cursor"] is None:
            break
        cursor = f"&cursor={reply.json['next_cursor']}"
    assert found == expected


@pytest.mark.parametrize(
    "sort", ["price", "-price", "-created_at", "-rating", "-popularity", "name", "relevance&q=thing"]
)
async def test_pages_stay_right_while_products_are_added(client, make_product, sort):
    before = [(await make_product(f"Thing {i:02}", price=1000 + i % 3))["id"] for i in range(12)]
    seen, cursor = [], ""
    while True:
        page = (await client.get(f"/api/products?sort={sort}&limit=5{cursor}")).json
        seen += [item["id"] for item in page["items"]]
        await make_product(f"Thing a{len(seen)}", price=1000)
        await make_product(f"Thing z{len(seen)}", price=1002)
        if page["next_cursor"] is None or len(seen) > 40:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "sort=upside_down", "price_min=-1", "price_min=99999999999999999999",
        "rating_min=6", "rating_min=nan", "color=red", "attr.=x", "attr.BAD-CODE=x", "in_stock=perhaps", "q=%00",
    ],
)  # fmt: skip
async def test_senseless_queries_are_refused(client, query):
    assert (await client.get(f"/api/products?{query}")).status == 422


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WzEsMiwzLDRd", "eyJhIjoxfQ"])
async def test_foreign_cursors_are_refused(client, cursor):
    reply = await client.get(f"/api/products?cursor={cursor}")
    assert (reply.status, reply.code) == (400, "bad_request")


async def test_a_cursor_of_another_order_is_refused(client, shelf):
    cursor = (await client.get("/api/products?sort=price&limit=1")).json["next_cursor"]
    assert (await client.get(f"/api/products?sort=name&cursor={cursor}")).status == 400


@pytest.mark.parametrize("key", ["nothing", "%00", "..%2Fetc", "0190a000-0000-7000-8000-000000000000", "%F0%9F%92%A9"])
async def test_unknown_products_answer_404(client, key):
    assert (await client.get(f"/api/products/{key}")).status == 404


async def test_drafts_and_scheduled_products_are_not_shown(client, staff, make_product, clock):
    await make_product("Draft", status="draft")
    await make_product("Soon", publish_at=(clock.at.replace(microsecond=0)).isoformat().replace("+00:00", "Z"))
    later = clock.at.replace(year=clock.at.year + 1, microsecond=0).isoformat()
    await make_product("Next year", publish_at=later)
    assert names(await client.get("/api/products")) == ["Soon"]
    assert (await client.get("/api/products/draft")).status == 404
    assert (await client.get("/api/products/next-year")).status == 404
    clock.move(days=366)
    assert (await client.get("/api/products/next-year")).status == 200


async def test_an_old_slug_leads_to_the_present_one_through_renames_and_re_use(client, staff, make_product):
    product = await make_product("One")
    for slug in ("two", "three", "four"):
        assert (await staff.patch(f"/api/admin/products/{product['id']}", {"slug": slug})).status == 200
    for slug in ("one", "two", "three"):
        reply = await client.get(f"/api/products/{slug}")
        assert (reply.status, reply.headers["location"]) == (301, "/api/products/four")
    other = await make_product("Another", slug="two")
    assert (await client.get("/api/products/two")).json["id"] == other["id"]
    assert (await staff.patch(f"/api/admin/products/{product['id']}", {"slug": "one"})).status == 200
    assert (await client.get("/api/products/one")).status == 200
    assert (await client.get("/api/products/four")).headers["location"] == "/api/products/one"


async def test_a_change_is_seen_by_the_next_read(client, staff, shelf):
    oak = shelf[0]
    assert (await client.get("/api/products/oak-table")).json["price"]["amount"] == 19900
    assert names(await client.get("/api/products?sort=price"))[-1] == "Oak table"
    body = {"variants": [{"sku": oak["sku"], "price": {"amount": 100, "currency": "USD"}}]}
    assert (await staff.patch(f"/api/admin/products/{oak['id']}", body)).status == 200
    assert (await client.get("/api/products/oak-table")).json["price"]["amount"] == 100
    assert names(await client.get("/api/products?sort=price"))[0] == "Oak table"


async def test_a_sale_is_seen_by_the_next_read_and_a_sell_out_by_the_lists(client, catalog, shelf):
    variant = (await client.get("/api/products/oak-table")).json["variants"][0]
    assert len(names(await client.get("/api/products?in_stock=true"))) == 2
    holder = new_id()
    variant_id = await db.fetch_value("SELECT id FROM catalog_variant WHERE sku = $1", variant["sku"])
    from feria_core import clock

    async with db.transaction():
        await catalog.hold(holder, [StockLine(variant_id, 2)], until=clock.now().replace(year=2100))
    page = (await client.get("/api/products/oak-table")).json
    assert (page["variants"][0]["available"], page["in_stock"]) == (3, True)
    async with db.transaction():
        await catalog.hold(holder, [StockLine(variant_id, 5)], until=clock.now().replace(year=2100))
    page = (await client.get("/api/products/oak-table")).json
    assert (page["variants"][0]["available"], page["in_stock"]) == (0, False)
    assert page["jsonld"]["offers"]["availability"].endswith("OutOfStock")
    assert names(await client.get("/api/products?in_stock=true")) == ["Pine chair"]
    async with db.transaction():
        await catalog.release_hold(holder)
    assert len(names(await client.get("/api/products?in_stock=true"))) == 2


async def test_lists_and_pages_carry_etags(client, shelf):
    for path in ("/api/products", "/api/products/oak-table", "/api/categories", "/api/brands"):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status == 304


async def test_categories_count_their_subtrees(client, shelf):
    (root,) = (await client.get("/api/categories")).json["items"]
    assert (root["slug"], root["product_count"]) == ("furniture", 3)
    assert {(c["slug"], c["product_count"]) for c in root["children"]} == {("tables", 1), ("chairs", 2)}
    one = (await client.get("/api/categories/tables")).json
    assert [step["slug"] for step in one["breadcrumb"]] == ["furniture", "tables"]
    assert [a["code"] for a in one["attributes"]] == ["material"]
    assert (await client.get("/api/categories/none")).status == 404
    assert (await client.get("/api/categories/%00")).status == 404


async def test_brands_are_listed_with_their_numbers(client, shelf):
    brands = (await client.get("/api/brands")).json["items"]
    assert {(b["slug"], b["product_count"]) for b in brands} == {("acme", 2), ("nandu", 1)}


async def test_two_spellings_are_one_brand(client, make_product):
    await make_product("A", brand="ACME")
    await make_product("B", brand="acme")
    assert len((await client.get("/api/brands")).json["items"]) == 1


async def test_the_routes_are_documented(client):
    document = (await client.get("/openapi.json")).json
    for path in ("/api/products", "/api/products/{key}", "/api/categories", "/api/admin/stock/adjustments"):
        assert path in document["paths"]
