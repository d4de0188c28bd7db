"""Facets equal brute force, over random catalogs, filters and changes; and processes agree after a write."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.facets import counting, forward, loading
from feria_catalog.facets import numbers as numbers_of
from feria_catalog.facets.current import Copy
from feria_catalog.facets.numbers import Numbers
from feria_catalog.facets.selecting import select
from feria_catalog.listing.filters import Filters
from feria_catalog.stock import levels
from feria_catalog.writing import upsert_products
from feria_core import clock as the_clock
from feria_core import db
from feria_core.money import Money
from feria_core.testing.databases import empty_tables
from feria_core.text import fold, slug_of

COLOURS = ["Red", "green", "Blue", "ÖL", '50% off, "x"']
BRANDS = ["Acme", "Ñandú", "Globex"]
CATEGORIES = [(), ("Home",), ("Home", "Tables"), ("Home", "Tables", "Round"), ("Garden",)]
FILTERS = ["category", "brand", "price", "rating", "in_stock", "on_sale", "colour", "tags", "width"]

products = st.builds(
    dict,
    brand=st.sampled_from([None, *BRANDS]),
    path=st.sampled_from(CATEGORIES),
    price=st.integers(0, 40).map(lambda n: n * 250),
    sale=st.booleans(),
    stock=st.integers(0, 2),
    rating=st.sampled_from([None, "1.00", "2.55", "3.00", "3.99", "4.00", "5.00"]),
    status=st.sampled_from(["published"] * 4 + ["draft"]),
    after_h=st.sampled_from([None] * 5 + [-1, 1, 5]),
    colour=st.sampled_from([None, *COLOURS]),
    tags=st.lists(st.sampled_from(["a", "b", "c"]), max_size=3),
    width=st.sampled_from([None, 1, 2, 2.5, 30]),
)
queries = st.builds(
    dict,
    category=st.sampled_from([None] * 3 + ["home", "tables", "round", "nowhere"]),
    brand=st.lists(st.sampled_from([*BRANDS, "nobody"]), max_size=2),
    price=st.tuples(st.sampled_from([None, 0, 2500]), st.sampled_from([None, 2500, 7000])),
    rating=st.sampled_from([None, None, "3", "3.99", "4"]),
    in_stock=st.sampled_from([None, None, True, False]),
    on_sale=st.sampled_from([None, None, None, True, False]),
    colour=st.lists(st.sampled_from(COLOURS), max_size=2),
    tags=st.lists(st.sampled_from(["a", "b"]), max_size=1),
    width=st.tuples(st.sampled_from([None, None, 2]), st.sampled_from([None, None, 2.5])),
)


def to_input(number, made):
    attributes = {k: made[k] for k in ("colour", "tags") if made[k]}
    if made["width"] is not None:
        attributes["width"] = Decimal(str(made["width"]))
    price = Money(made["price"], "USD")
    before = Money(made["price"] + 100, "USD") if made["sale"] else None
    return ProductInput(
        f"Thing {number}",
        (VariantInput(f"T-{number}", price, compare_at_price=before, stock=made["stock"]),),
        brand=made["brand"], category_path=made["path"], attributes=attributes, status=made["status"],
    )  # fmt: skip


async def store(catalog):
    """Write the catalog in one transaction, the columns that imports have not beside."""
    from feria_catalog import documents

    async with db.transaction():
        await upsert_products([to_input(n, made) for n, made in catalog.items()], reason="test")
        rows = {
            row["sku"]: row["product_id"] for row in await db.fetch_all("SELECT sku, product_id FROM catalog_variant")
        }
        for number, made in catalog.items():
            at = the_clock.now() + timedelta(hours=made["after_h"]) if made["after_h"] is not None else None
            made["at"] = at
            rating = Decimal(made["rating"]) if made["rating"] else None
            await db.execute(
                "UPDATE catalog_product SET publish_at = $2, rating = $3 WHERE id = $1", rows[f"T-{number}"], at, rating
            )
        await documents.rewrite([rows[f"T-{number}"] for number in catalog])


def shown(made):
    return made["status"] == "published" and (made["at"] is None or made["at"] <= the_clock.now())


def fits(made, query, but=None):
    checks = {
        "category": query["category"] is None or query["category"] in [slug_of(name) for name in made["path"]],
        "brand": not query["brand"] or (made["brand"] and slug_of(made["brand"]) in map(slug_of, query["brand"])),
        "price": _between(made["price"], query["price"]),
        "rating": query["rating"] is None or Decimal(made["rating"] or 0) >= Decimal(query["rating"]),
        "in_stock": query["in_stock"] in (None, made["stock"] > 0),
        "on_sale": query["on_sale"] in (None, made["sale"]),
        "colour": not query["colour"] or (made["colour"] and fold(made["colour"]) in map(fold, query["colour"])),
        "tags": not query["tags"] or bool(set(made["tags"]) & set(query["tags"])),
        "width": query["width"] == (None, None)
        or (made["width"] is not None and _between(made["width"], query["width"])),
    }
    return shown(made) and all(ok for name, ok in checks.items() if name != but)


def _between(number, bounds):
    low, high = bounds
    return (low is None or number >= low) and (high is None or number <= high)


def values(made, name):
    rating = Decimal(made["rating"] or 0)
    found = {
        "category": [slug_of(step) for step in made["path"]],
        "brand": [slug_of(made["brand"])] if made["brand"] else [],
        "in_stock": ["true" if made["stock"] else "false"],
        "on_sale": ["true" if made["sale"] else "false"],
        "rating": [str(stars) for stars in (1, 2, 3, 4) if rating >= stars],
        "tags": set(made["tags"]),
        "width": [] if made["width"] is None else [str(made["width"])],
        "colour": [fold(made["colour"])] if made["colour"] else [],
    }
    return found[name]


def path_of(query):
    asked = [("facets", "true"), ("limit", "100"), ("sort", "price")]
    asked += [("category", query["category"])] if query["category"] else []
    asked += [("brand", brand) for brand in query["brand"]]
    asked += [(f"price_{end}", n) for end, n in zip(("min", "max"), query["price"], strict=True) if n is not None]
    asked += [("rating_min", query["rating"])] if query["rating"] else []
    for flag in ("in_stock", "on_sale"):
        asked += [(flag, str(query[flag]).lower())] if query[flag] is not None else []
    asked += [(f"attr.{name}", value) for name in ("colour", "tags") for value in query[name]]
    asked += [(f"attr.width.{end}", n) for end, n in zip(("min", "max"), query["width"], strict=True) if n is not None]
    return "/api/products?" + urlencode(asked)


def check(reply, catalog, query):
    found = [made for made in catalog.values() if fits(made, query)]
    assert reply["total"] == len(found)
    assert [item["price"]["amount"] for item in reply["items"]] == sorted(made["price"] for made in found)
    facets = {facet["code"]: facet for facet in reply["facets"]}
    for name in FILTERS:
        others = [made for made in catalog.values() if fits(made, query, but=name)]
        if name == "price":
            parts = facets["price"]["ranges"]
            assert sum(part["count"] for part in parts) == len(others)
            for part in parts:
                inside = sum(part["min"] <= made["price"] <= part["max"] for made in others)
                assert part["count"] == inside > 0
            continue
        expected = Counter(value for made in others for value in values(made, name))
        rows = facets[name]["values"] if name in facets else []
        counted = {row["value"]: row["count"] for row in rows if row["count"]}
        if name in facets:
            assert counted == expected, name
            numbers = [made["width"] for made in others if made["width"] is not None] if name == "width" else []
            assert facets[name]["min"] == min(numbers, default=None)
            assert facets[name]["max"] == max(numbers, default=None)
        else:  # nothing of the found products has it
            assert not any(values(made, name) for made in found)


async def _facets_equal_brute_force(client, clock, catalog, asked, edits, sold):
    await empty_tables()
    catalog = dict(enumerate(catalog))
    await store(catalog)
    for query in asked:
        check((await client.get(path_of(query))).json, catalog, query)
    changed = {number: {**made} for number, made in edits if number in catalog}
    await store(changed)
    catalog |= changed
    async with db.transaction():
        ids = {row["sku"]: row["id"] for row in await db.fetch_all("SELECT sku, id FROM catalog_variant")}
        for number in dict.fromkeys(number for number in sold if number in catalog):
            if catalog[number]["stock"]:
                await levels.correct(ids[f"T-{number}"], change=None, level=0, reason="test")
                catalog[number]["stock"] = 0
    clock.move(hours=2)
    for query in asked:
        check((await client.get(path_of(query))).json, catalog, query)


@pytest.mark.parametrize("few", [0, 1000])
async def test_facets_equal_brute_force(client, clock, monkeypatch, few):
    """Both ways of counting, by bitmaps and by arrays; changed rows are often taken into the arrays."""
    monkeypatch.setattr(counting, "FEW", few)
    monkeypatch.setattr(counting, "ONE_IN", 10**9)
    monkeypatch.setattr(numbers_of, "SORTED", few)
    monkeypatch.setattr(forward, "AT_ONCE", 5)
    monkeypatch.setattr(forward, "MAX_CHANGED", 2)
    monkeypatch.setattr(forward, "PER_PRODUCTS", 10**9)
    monkeypatch.setattr(loading, "CHANGES", 4)
    monkeypatch.setattr(loading, "CHUNK", 7)
    loop = asyncio.get_running_loop()
    # The clock moves, which the response cache does not see: with a cookie answers are never from there.
    client = client.with_headers(cookie="a=b")

    def example(catalog, asked, edits, sold):
        work = _facets_equal_brute_force(client, clock, catalog, asked, edits, sold)
        asyncio.run_coroutine_threadsafe(work, loop).result()

    bounded = settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    property_ = bounded(
        given(
            st.lists(products, min_size=1, max_size=30),
            st.lists(queries, min_size=1, max_size=3),
            st.lists(st.tuples(st.integers(0, 29), products), max_size=5),
            st.lists(st.integers(0, 29), max_size=3),
        )(example)
    )
    # Hypothesis calls plain functions: in a thread of its own, each example on the test's loop.
    await asyncio.to_thread(property_)


async def _total(copy, **filters):
    return len(select(await copy.current(), Filters(**filters), the_clock.now()).all())


@pytest.fixture
def catalog_of_three():
    """Three red things of one brand, as they are drawn."""
    return {
        n: {
            "brand": "Acme", "path": ("Home",), "price": 1000, "sale": False, "stock": 5, "rating": None,
            "status": "published", "after_h": None, "colour": "Red", "tags": [], "width": None,
        }
        for n in range(3)
    }  # fmt: skip


async def test_every_process_sees_a_write_at_its_next_read(client, catalog_of_three):
    one, other = Copy(), Copy()
    await store(catalog_of_three)
    red = {"attributes": {"colour": ["red"]}}
    assert [await _total(copy, **red) for copy in (one, other)] == [3, 3]
    await store({0: {**catalog_of_three[0], "colour": "Blue"}})
    assert (await client.get("/api/products?attr.colour=red")).json["total"] == 2
    assert [await _total(copy, **red) for copy in (one, other)] == [2, 2]


async def test_a_transaction_that_commits_after_later_ones_is_seen(database, catalog_of_three):
    copy = Copy()
    await store(catalog_of_three)
    assert await _total(copy, in_stock=True) == 3
    written, go_on = asyncio.Event(), asyncio.Event()

    async def slow():
        async with db.transaction():
            await _sell_out(0)
            written.set()
            await go_on.wait()

    running = asyncio.create_task(slow())
    await written.wait()
    loaded_meanwhile = Copy()
    assert await _total(loaded_meanwhile, in_stock=True) == 3
    async with db.transaction():
        await _sell_out(1)
    assert [await _total(c, in_stock=True) for c in (copy, loaded_meanwhile)] == [2, 2]
    go_on.set()
    await running
    assert [await _total(c, in_stock=True) for c in (copy, loaded_meanwhile)] == [1, 1]


async def test_reads_at_the_same_time_share_their_looks_at_the_tables(database, catalog_of_three, monkeypatch):
    copy, looks = Copy(), []
    await store(catalog_of_three)
    await copy.current()
    refresh = loading.refresh

    async def counted(loaded):
        looks.append(loaded)
        return await refresh(loaded)

    monkeypatch.setattr("feria_catalog.facets.current.refresh", counted)
    await asyncio.gather(*(copy.current() for _ in range(50)))
    assert len(looks) <= 2


async def _sell_out(number):
    variant_id = await db.fetch_value("SELECT id FROM catalog_variant WHERE sku = $1", f"T-{number}")
    await levels.correct(variant_id, change=None, level=0, reason="test")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.integers(0, 200_000), st.integers(0, 2**62), max_size=300),
    st.integers(0, 2**62), st.integers(1, 30), st.booleans(), st.integers(0, 400),
)  # fmt: skip
def test_slices_of_bits_compare_and_order_like_the_numbers(numbers, bound, count, is_descending, distinct):
    numbers = {no: number % (distinct + 1) for no, number in numbers.items()} if distinct % 2 else numbers
    column = Numbers()
    for no in numbers:
        column.put(no, 7)
    for no, number in numbers.items():
        column.put(no, number)
    everyone = BitMap(numbers)
    for at in (bound, next(iter(numbers.values()), 0)):
        less, equal, more = column.compare(everyone, at)
        assert set(less) == {no for no, number in numbers.items() if number < at}
        assert set(equal) == {no for no, number in numbers.items() if number == at}
        assert set(more) == {no for no, number in numbers.items() if number > at}
    ordered = sorted(numbers, key=lambda no: (numbers[no], no), reverse=is_descending)
    assert column.first(everyone, count, is_descending=is_descending) == ordered[:count]
    if ordered:
        last = ordered[min(count, len(ordered)) - 1]
        rest = column.after(everyone, numbers[last], last, is_descending=is_descending)
        assert column.first(rest, count, is_descending=is_descending) == ordered[count : 2 * count]
        assert [column.nth(everyone, i) for i in range(0, len(numbers), 7)] == sorted(numbers.values())[::7]
