"""Every member that the surface promises is in the answers: sitemap, merchant feed, and what staff's routes refuse.

The names stand here in full, so that one that is lost, renamed or moved fails a test, not a frontend.
"""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.importing.error_csv import as_csv
from feria_catalog.importing.errors import RowProblem
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.money import Money
from feria_core.testing.client import ApiClient, Reply

SITE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
G = "{http://base.google.com/ns/1.0}"
ITEM = {
    "title", "description", "link", f"{G}id", f"{G}availability", f"{G}price", f"{G}brand", f"{G}gtin", f"{G}mpn",
    f"{G}condition", f"{G}product_type",
}  # fmt: skip
PROBLEM = {"type", "title", "status", "detail", "code", "instance"}
PRODUCT = {
    "id", "slug", "name", "brand", "price", "compare_at_price", "lowest_price_30d", "on_sale", "in_stock", "rating",
    "review_count", "image", "category", "sku", "default_variant_id", "description_html", "seo", "category_path",
    "options", "variants", "specifications", "custom_fields", "media", "jsonld", "related",
}  # fmt: skip
STAFFS = {"version", "status", "publish_at", "unpublish_at", "product_type", "description", "attributes"}
USD = {"currency": "USD"}


async def test_every_item_of_the_merchant_feed_has_every_field(client: ApiClient) -> None:
    reduced = VariantInput("S", Money(1500, "USD"), Money(2000, "USD"), stock=1, options={"size": "S"})
    other = VariantInput("M", Money(1500, "USD"), stock=1, options={"size": "M"})
    whole = VariantInput("W", Money(1000, "USD"), stock=5, barcode="4006381333931")
    async with db.transaction():
        await upsert_products(
            [ProductInput("Mug", (whole,), description="Of clay", brand="Ñandú", category_path=("Kitchen", "Mugs")),
             ProductInput("Shirt", (reduced, other)), ProductInput("Nameless", (VariantInput("N", Money(1, "USD")),))],
            reason="test",
        )  # fmt: skip
    root = ET.fromstring((await client.get("/feeds/products.xml")).body)
    assert [root.findtext(f"channel/{name}") is not None for name in ("title", "link", "description")] == [True] * 3
    items = {item.findtext(f"{G}id"): {child.tag for child in item} for item in root.iter("item")}
    assert items["W"] == ITEM
    assert {f"{G}price", f"{G}sale_price", f"{G}item_group_id"} <= items["S"]
    assert f"{G}item_group_id" in items["M"]
    assert f"{G}identifier_exists" in items["N"]


async def test_every_address_of_the_sitemap_says_when_it_changed(client: ApiClient) -> None:
    async with db.transaction():
        await upsert_products(
            [ProductInput("Mug", (VariantInput("M", Money(1, "USD")),), category_path=("Kitchen",))], reason="test"
        )
    index = ET.fromstring((await client.get("/sitemap.xml")).body)
    assert index.tag == f"{SITE}sitemapindex"
    of_ours = [entry for entry in index if "/products-" in str(entry.findtext(f"{SITE}loc"))
               or "/categories-" in str(entry.findtext(f"{SITE}loc"))]  # fmt: skip
    assert [[child.tag for child in entry] for entry in of_ours] == [[f"{SITE}loc", f"{SITE}lastmod"]] * 2
    for entry in of_ours:
        path = "/" + str(entry.findtext(f"{SITE}loc")).split("/", 3)[3]
        urls = ET.fromstring((await client.get(path)).body)
        assert urls.tag == f"{SITE}urlset"
        assert [[child.tag for child in url] for url in urls] == [[f"{SITE}loc", f"{SITE}lastmod"]]


async def test_a_product_has_every_member_for_everybody_and_for_staff(
    client: ApiClient, staff: ApiClient, make_product: Callable[..., Awaitable[dict[str, Any]]]
) -> None:
    made = await make_product("Oak table")
    shown = (await client.get(f"/api/products/{made['slug']}")).json
    assert shown.keys() >= PRODUCT, PRODUCT - shown.keys()
    read = (await staff.get(f"/api/admin/products/{made['id']}")).json
    assert read.keys() >= PRODUCT | STAFFS, (PRODUCT | STAFFS) - read.keys()
    card = (await client.get("/api/products")).json["items"][0]
    assert card.keys() == {name for name in PRODUCT if name in card}
    assert {"id", "slug", "name", "price", "sku", "default_variant_id", "image", "in_stock"} <= card.keys()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"version": 99, "name": "Other"}, 409, "stale_version"),
        ({"version": 1, "slug": "taken"}, 409, "slug_taken"),
        ({"version": 1, "nmae": "Other"}, 422, None),
        ({"version": 1, "status": "sold"}, 422, None),
        ({"name": 5}, 422, None),
    ],
)
async def test_what_staff_may_not_do_is_told_with_every_member_of_a_problem(
    staff: ApiClient,
    make_product: Callable[..., Awaitable[dict[str, Any]]],
    change: dict[str, Any],
    status: int,
    code: str | None,
) -> None:
    await make_product("Taken", slug="taken")
    made = await make_product("Oak table")
    refused = await staff.patch(f"/api/admin/products/{made['id']}", change)
    _is_problem(refused, status, code)
    assert (await staff.get(f"/api/admin/products/{made['id']}")).json["version"] == 1


async def test_a_new_product_that_cannot_be_is_told_so_too(
    staff: ApiClient, client: ApiClient, make_product: Callable[..., Awaitable[dict[str, Any]]]
) -> None:
    await make_product("Oak table", sku="OAK")
    variant = {"sku": "OAK", "price": {"amount": 1, **USD}}
    _is_problem(await staff.post("/api/admin/products", {"name": "Other", "variants": [variant]}), 409, "sku_taken")
    euros = {"sku": "EUR", "price": {"amount": 1, "currency": "EUR"}}
    _is_problem(await staff.post("/api/admin/products", {"name": "O", "variants": [euros]}), 422, "wrong_currency")
    _is_problem(await staff.post("/api/admin/products", {"variants": []}), 422, None)
    _is_problem(await staff.get("/api/admin/products/nowhere"), 404, "not_found")
    _is_problem(await client.post("/api/admin/products", {}), 401, None)


def test_a_refused_row_of_a_file_has_line_code_message_column_and_the_row() -> None:
    text = as_csv([RowProblem(7, "missing_name", "name is empty.", "name", "A-1,,5")])
    (row,) = csv.DictReader(io.StringIO(text))
    assert row == {"line": "7", "code": "missing_name", "message": "name is empty.", "column": "name", "row": "A-1,,5"}


def _is_problem(reply: Reply, status: int, code: str | None) -> None:
    assert reply.status == status, reply.json
    assert reply.headers["content-type"].startswith("application/problem+json")
    problem = reply.json
    assert problem.keys() >= PROBLEM, PROBLEM - problem.keys()
    assert (problem["status"], code or problem["code"]) == (status, problem["code"])
    assert "/docs/errors" in problem["type"]
    if status == 422 and code is None:
        assert problem["errors"]
        assert all(error.keys() >= {"loc", "code", "message"} for error in problem["errors"])
