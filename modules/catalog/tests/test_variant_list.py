"""Variants of all products, as staff look for one."""

from __future__ import annotations

from uuid import uuid4

import pytest

from feria_catalog.staff import variant_list
from feria_core import db

PATH = "/api/admin/variants"


@pytest.fixture
async def mugs(staff):
    """A mug in three colours, an apron and a draft of a lamp."""
    for name, status, kinds in (
        ("Harbour mug", "published", {"MUG-B": "blue", "MUG-R": "red", "MUG-G": "green"}),
        ("Linen apron", "published", {"APRON-1": "blue"}),
        ("Brass lamp", "draft", {"LAMP_1%": "small"}),
    ):
        sold = [
            {"sku": sku, "price": {"amount": 900, "currency": "USD"}, "stock": 4, "options": {"kind": kind}}
            for sku, kind in kinds.items()
        ]
        made = await staff.post("/api/admin/products", {"name": name, "status": status, "variants": sold})
        assert made.status == 201, made.body


async def found(staff, **query):
    answer = await staff.get(PATH + "?" + "&".join(f"{name}={value}" for name, value in query.items()))
    assert answer.status == 200, answer.body
    return [item["sku"] for item in answer.json["items"]]


async def test_all_variants_are_listed_the_newest_first_in_pages(staff, mugs):
    assert set(await found(staff)) == {"LAMP_1%", "APRON-1", "MUG-G", "MUG-R", "MUG-B"}
    seen, cursor = [], ""
    while True:
        answer = (await staff.get(f"{PATH}?limit=2&cursor={cursor}" if cursor else f"{PATH}?limit=2")).json
        seen += [item["sku"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == await found(staff)


async def test_a_variant_is_found_by_sku_name_and_options_its_own_first(staff, mugs):
    assert (await found(staff, q="MUG-R"))[0] == "MUG-R"
    assert (await found(staff, q="mug%20gre"))[0] == "MUG-G"
    assert set(await found(staff, q="harbour")) == {"MUG-B", "MUG-R", "MUG-G"}
    assert await found(staff, q="lamp") == ["LAMP_1%"]
    assert await found(staff, q=uuid4().hex) == []
    shown = (await staff.get(f"{PATH}?q=MUG-R")).json["items"][0]
    assert (shown["title"], shown["options"], shown["available"], shown["is_active"]) == (
        "Harbour mug, red (MUG-R)", {"kind": "red"}, 4, True,
    )  # fmt: skip
    assert shown["price"] == {"amount": 900, "currency": "USD"}


async def test_pages_of_a_search_hold_each_variant_once(staff, mugs):
    first = (await staff.get(f"{PATH}?q=mug%20red&limit=1")).json
    second = (await staff.get(f"{PATH}?q=mug%20red&limit=2&cursor={first['next_cursor']}")).json
    skus = [item["sku"] for item in first["items"] + second["items"]]
    assert skus[0] == "MUG-R"
    assert sorted(skus) == ["MUG-B", "MUG-G", "MUG-R"]
    assert second["next_cursor"] is None


async def test_withdrawn_ones_can_be_left_out(staff, mugs):
    await db.execute("UPDATE catalog_variant SET is_active = false WHERE sku = 'MUG-R'")
    assert "MUG-R" not in await found(staff, q="mug", is_active="true")
    assert await found(staff, q="mug", is_active="false") == ["MUG-R"]


@pytest.mark.parametrize("query", ["q=%25", "q=_", "q=%5C", "q=%00", "q=MUG%27", "q=" + "x%20" * 60])
async def test_signs_stand_for_themselves(staff, mugs, query):
    assert (await staff.get(f"{PATH}?{query}")).status in (200, 422)


async def test_it_is_for_staff_of_the_catalog_and_refuses_foreign_cursors(staff, customer, client, mugs):
    assert (await customer.get(PATH)).status == 403
    assert (await client.get(PATH)).status == 401
    assert (await staff.get(f"{PATH}?cursor=abc")).status == 400
    assert (await staff.get(f"{PATH}?limit=1000")).status == 422


async def test_of_a_word_that_very_many_products_have_the_newest_are_looked_through(staff, mugs, monkeypatch):
    for number in range(3):
        sold = [{"sku": f"TRAY-{number}", "price": {"amount": 900, "currency": "USD"}}]
        made = await staff.post(
            "/api/admin/products", {"name": f"Tray {number}", "status": "published", "variants": sold}
        )
        assert made.status == 201, made.body
    monkeypatch.setattr(variant_list, "MAX_PRODUCTS", 2)
    assert await found(staff, q="tray") == ["TRAY-2", "TRAY-1"]
    assert await found(staff, q="tray-0") == ["TRAY-0"]


async def test_who_may_read_the_catalog_alone_finds_variants_and_changes_none(client, staff, mugs):
    reader = client.as_staff("catalog.read")
    assert (await found(reader, q="MUG-R"))[0] == "MUG-R"
    product = (await reader.get(f"{PATH}?q=MUG-R")).json["items"][0]["product_id"]
    assert (await reader.get(f"/api/admin/products/{product}")).status == 200
    refused = await reader.patch(f"/api/admin/products/{product}/variants/MUG-R", {"barcode": "1"})
    assert (refused.status, refused.code) == (403, "forbidden")
