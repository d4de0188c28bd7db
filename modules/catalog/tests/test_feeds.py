"""What search engines and shopping channels get: valid XML of just what is listed now."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from typing import Any

import pytest

from feria_catalog import documents
from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.feeds import sitemap
from feria_catalog.feeds.merchant import gtin
from feria_catalog.writing import upsert_products
from feria_core import clock as time
from feria_core import db
from feria_core.contracts.sitemap import MAX_URLS
from feria_core.money import Money
from feria_core.testing.client import ApiClient

SITE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
G = "{http://base.google.com/ns/1.0}"
HOSTILE = "<b>&amp; \"x\" ]]> 'y' \x1f\ufffe 👩‍👩‍👧 مرحبا"


def product(name: str, sku: str, **wished: Any) -> ProductInput:
    variants = wished.pop("variants", None) or (
        VariantInput(sku, Money(1000, "USD"), stock=wished.pop("stock", 5), barcode=wished.pop("barcode", None)),
    )
    return ProductInput(name, variants, **wished)


async def store(*products: ProductInput) -> None:
    async with db.transaction():
        await upsert_products(products, reason="test")


async def locations(client: ApiClient, path: str) -> dict[str, str | None]:
    answer = await client.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/xml; charset=utf-8")
    root = ET.fromstring(answer.body)
    assert root.tag in (f"{SITE}sitemapindex", f"{SITE}urlset")
    found = {}
    for entry in root:
        assert entry.tag == (f"{SITE}sitemap" if root.tag.endswith("index") else f"{SITE}url")
        assert [child.tag for child in entry][:1] == [f"{SITE}loc"]
        lastmod = entry.findtext(f"{SITE}lastmod")
        assert lastmod is None or datetime.fromisoformat(lastmod).tzinfo is not None
        found[entry.findtext(f"{SITE}loc") or ""] = lastmod
    return found


def path_of(address: str) -> str:
    return "/" + address.split("/", 3)[3]


async def test_the_index_leads_to_products_and_categories(client: ApiClient) -> None:
    await store(product(HOSTILE, "A", category_path=("Rooms", "Küche & Bad")), product("Draft", "B", status="draft"))
    index = await locations(client, "/sitemap.xml")
    files = [path_of(address) for address in index]
    assert [path for path in files if "products" in path or "categories" in path] == [
        "/sitemaps/products-0.xml", "/sitemaps/categories-0.xml",
    ]  # fmt: skip
    assert all(lastmod for lastmod in index.values())
    (address,) = await locations(client, "/sitemaps/products-0.xml")
    slug = await db.fetch_value("SELECT slug FROM catalog_product WHERE status = 'published'")
    assert address.endswith(f"/products/{slug}")
    categories = await locations(client, "/sitemaps/categories-0.xml")
    assert {address.rsplit("/", 1)[1] for address in categories} == {"rooms", "kuche-bad"}


async def test_many_products_are_many_files_and_unknown_files_are_not_there(client: ApiClient) -> None:
    assert sitemap.RANGE <= MAX_URLS
    await store(*(product(f"Mug {n}", f"M-{n}") for n in range(3)))
    async with db.transaction():
        await db.execute("SET LOCAL session_replication_role = replica")  # other tables refer to the number
        await db.execute("UPDATE catalog_product SET no = no + 40000 WHERE name = 'Mug 2'")
    files = [path_of(address) for address in await locations(client, "/sitemap.xml") if "products" in address]
    assert len(files) == 2
    assert sum([len(await locations(client, path)) for path in files]) == 3
    for name in ("products-7.xml", "products-999999999.xml", "nothing-0.xml", "products.xml", "x%00-1.xml"):
        assert (await client.get(f"/sitemaps/{name}")).status == 404


async def test_what_is_not_listed_now_is_nowhere(client: ApiClient, clock: Any) -> None:
    soon = time.now() + timedelta(hours=1)
    await store(
        product("Shown", "A"), product("Later", "B", publish_at=soon), product("Draft", "C", status="draft"),
        product("Gone", "D", status="archived"), product("Over", "E"),
    )  # fmt: skip
    async with db.transaction():
        over = await db.fetch_value(
            "UPDATE catalog_product SET unpublish_at = $1 WHERE name = 'Over' RETURNING id",
            time.now() - timedelta(hours=1),
        )
        await documents.rewrite([over])

    async def listed() -> tuple[list[str], list[str | None]]:
        feed = ET.fromstring((await client.get("/feeds/products.xml")).body)
        urls = await locations(client, "/sitemaps/products-0.xml")
        titles = [item.findtext("title") for item in feed.iter("item")]
        return sorted(url.rsplit("/", 1)[1] for url in urls), titles

    assert await listed() == (["shown"], ["Shown"])
    await store(product("Shown", "A", status="archived"), product("Draft", "C"))
    assert await listed() == (["draft"], ["Draft"])


async def test_the_merchant_feed_has_what_channels_ask_for(client: ApiClient) -> None:
    await store(
        product(HOSTILE, "M & 1", description=f"{HOSTILE}\n\nmore", brand="Ñandú <x>", category_path=("A", "B & C"),
                barcode="4006381333931"),
        product("Shirt", "", variants=(
            VariantInput("S-1", Money(1500, "USD"), Money(2000, "USD"), stock=0, options={"size": "S"}, barcode="12"),
            VariantInput("S-2", Money(1500, "USD"), stock=1, options={"size": "M"}),
        )),
    )  # fmt: skip
    answer = await client.get("/feeds/products.xml")
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    root = ET.fromstring(answer.body)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    first, small, medium = root.iter("item")
    cleaned = HOSTILE.replace("\x1f", "").replace("\ufffe", "")
    assert first.findtext("title") == cleaned
    assert first.findtext("description") == f"{' '.join(HOSTILE.split())} more".replace("\ufffe", "")
    assert first.findtext(f"{G}id") == "M & 1"
    assert first.findtext(f"{G}price") == "10.00 USD"
    assert first.findtext(f"{G}gtin") == "4006381333931"
    assert first.findtext(f"{G}brand") == "Ñandú <x>"
    assert first.findtext(f"{G}product_type") == "A > B & C"
    assert first.findtext(f"{G}item_group_id") is None
    assert (small.findtext(f"{G}price"), small.findtext(f"{G}sale_price")) == ("20.00 USD", "15.00 USD")
    assert (medium.findtext(f"{G}price"), medium.findtext(f"{G}sale_price")) == ("15.00 USD", None)
    assert [i.findtext(f"{G}availability") for i in (first, small, medium)] == ["in_stock", "out_of_stock", "in_stock"]
    assert small.findtext(f"{G}item_group_id") == medium.findtext(f"{G}item_group_id") is not None
    assert small.findtext(f"{G}gtin") is None
    assert small.findtext(f"{G}identifier_exists") == "no"
    assert {i.findtext(f"{G}condition") for i in (first, small, medium)} == {"new"}
    links = [i.findtext("link") or "" for i in (first, small, medium)]
    assert len(set(links)) == 3
    assert all(link.startswith("http") and link.isascii() for link in links)


@pytest.mark.parametrize(
    ("barcode", "expected"),
    [("4006381333931", "4006381333931"), ("400 6381 333931", "4006381333931"), ("4006381333930", None), ("", None),
     (None, None), ("٤٠٠٦٣٨١٣٣٣٩٣١", None), ("96385074", "96385074"), ("12345", None)],
)  # fmt: skip
def test_only_a_number_with_the_right_check_digit_is_a_gtin(barcode: str | None, expected: str | None) -> None:
    assert gtin(barcode) == expected


async def test_robots_are_led_to_the_sitemap(client: ApiClient) -> None:
    answer = await client.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.body.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert any(line.startswith("Sitemap: http") and line.endswith("/sitemap.xml") for line in lines)


async def test_the_page_tells_schema_org_of_offers_rating_and_breadcrumb(client: ApiClient) -> None:
    await store(
        product("Table", "T", category_path=("Rooms", "Kitchen"), brand="Acme"),
        product("Shirt", "", variants=(
            VariantInput("S-1", Money(1500, "USD"), stock=0, options={"size": "S"}),
            VariantInput("S-2", Money(2500, "USD"), stock=1, options={"size": "M"}),
        )),
    )  # fmt: skip
    page = (await client.get("/api/products/table")).json["jsonld"]
    assert (page["@context"], page["@type"]) == ("https://schema.org", "Product")
    assert page["offers"]["@type"] == "Offer"
    assert (page["offers"]["price"], page["offers"]["availability"]) == ("10.00", "https://schema.org/InStock")
    assert "aggregateRating" not in page
    crumbs = page["mainEntityOfPage"]["breadcrumb"]
    assert crumbs["@type"] == "BreadcrumbList"
    assert [(step["position"], step["name"]) for step in crumbs["itemListElement"]] == [
        (1, "Rooms"), (2, "Kitchen"), (3, "Table"),
    ]  # fmt: skip
    assert all(step["@type"] == "ListItem" and step["item"].startswith("http") for step in crumbs["itemListElement"])
    offers = (await client.get("/api/products/shirt")).json["jsonld"]["offers"]
    assert (offers["@type"], offers["lowPrice"], offers["highPrice"], offers["offerCount"]) == (
        "AggregateOffer", "15.00", "25.00", 2,
    )  # fmt: skip
    assert [offer["sku"] for offer in offers["offers"]] == ["S-1", "S-2"]


async def test_a_rating_stands_in_the_page_once_there_are_reviews(client: ApiClient) -> None:
    await store(product("Table", "T"))
    async with db.transaction():
        await db.execute("UPDATE catalog_product SET rating = 4.25, review_count = 8")
        await documents.rewrite([await db.fetch_value("SELECT id FROM catalog_product")])
    rating = (await client.get("/api/products/table")).json["jsonld"]["aggregateRating"]
    assert (rating["ratingValue"], rating["reviewCount"], rating["bestRating"]) == ("4.25", 8, "5")
