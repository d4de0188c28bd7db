"""The feed for shopping channels: RSS 2.0 with Google's namespace, one item for each variant that is sold."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from feria_catalog.offers import AVAILABLE
from feria_catalog.pricing.loading import shown
from feria_catalog.pricing.prices import Shown
from feria_core import clock, db
from feria_core.money import exponent
from feria_core.runtime import core_settings

BATCH = 200
# Bounds of the product data specification of Google's Merchant Center.
MAX_ID, MAX_TITLE, MAX_DESCRIPTION, MAX_MPN, MAX_BRAND, MAX_TYPE, MAX_IMAGES = 50, 150, 5000, 70, 70, 750, 10
GTIN_LENGTHS = (8, 12, 13, 14)
# XML 1.0 has no way to write these.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What is listed is judged here, when the feed is read.
_ITEMS = f"""
SELECT p.no, p.id AS product_id, p.name, p.slug, p.description, b.name AS brand, v.id, v.sku, v.price_amount,
    v.currency, v.compare_at_amount, v.barcode, {AVAILABLE} AS available,
    count(*) OVER (PARTITION BY p.id) AS variants,
    ARRAY(SELECT m.key FROM catalog_media m WHERE m.product_id = p.id ORDER BY m.position, m.id LIMIT {MAX_IMAGES + 1})
        AS images,
    ARRAY(
        SELECT step.name FROM unnest(c.path) WITH ORDINALITY AS part (slug, depth)
        JOIN catalog_category step ON step.slug = part.slug ORDER BY part.depth) AS category
FROM (
    SELECT p.* FROM catalog_product p JOIN catalog_product_document d ON d.product_id = p.id
    WHERE d.listed_from <= $1 AND d.listed_until > $1 AND p.no > $2
    ORDER BY p.no LIMIT {BATCH}) p
JOIN catalog_variant v ON v.product_id = p.id AND v.is_active
JOIN catalog_stock s ON s.variant_id = v.id
LEFT JOIN catalog_brand b ON b.id = p.brand_id LEFT JOIN catalog_category c ON c.id = p.category_id
ORDER BY p.no, v.position, v.id
"""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
<title>Products</title>
<link>{base}</link>
<description>Everything that is for sale</description>
"""


async def feed() -> AsyncIterator[bytes]:
    """Give the feed piece by piece, in bounded memory; drafts and products that are published later are never in it."""
    base = core_settings().public_url.rstrip("/")
    yield _HEAD.format(base=text(base)).encode()
    last = -(2**31)
    while rows := await db.fetch_all(_ITEMS, clock.now(), last):
        last = rows[-1]["no"]
        own = {row["id"]: Shown(row["price_amount"], row["compare_at_amount"]) for row in rows}
        prices = await shown(own, clock.now())
        yield "".join(item(_priced(row, prices[row["id"]]), base) for row in rows).encode()
    yield b"</channel>\n</rss>\n"


def _priced(row: Mapping[str, Any], price: Shown) -> Mapping[str, Any]:
    return {**row, "price_amount": price.amount, "compare_at_amount": price.compare_at}


def item(row: Mapping[str, Any], base: str) -> str:
    """Return one variant as an item."""
    link = f"{base}/products/{quote(row['slug'])}"
    is_grouped = row["variants"] > 1
    code = gtin(row["barcode"])
    fields: list[tuple[str, str | None]] = [
        ("g:id", row["sku"] if len(row["sku"]) <= MAX_ID else str(row["id"])),
        ("title", _shortened(row["name"], MAX_TITLE)),
        ("description", _shortened(" ".join(row["description"].split()) or row["name"], MAX_DESCRIPTION)),
        ("link", f"{link}?variant={row['id']}" if is_grouped else link),
        *((("g:additional_image_link" if n else "g:image_link"), f"{base}/media/{quote(key)}")
          for n, key in enumerate(row["images"])),
        ("g:availability", "in_stock" if row["available"] > 0 else "out_of_stock"),
        *_prices(row),
        ("g:brand", row["brand"] and _shortened(row["brand"], MAX_BRAND)),
        ("g:gtin", code),
        ("g:mpn", row["sku"] if len(row["sku"]) <= MAX_MPN else None),
        ("g:identifier_exists", None if code or row["brand"] else "no"),
        ("g:condition", "new"),
        ("g:item_group_id", str(row["product_id"]) if is_grouped else None),
        ("g:product_type", _shortened(" > ".join(row["category"]), MAX_TYPE) or None),
    ]  # fmt: skip
    written = "".join(f"<{name}>{text(value)}</{name}>" for name, value in fields if value)
    return f"<item>{written}</item>\n"


def text(value: str) -> str:
    """Return the text as it stands in XML; what XML cannot hold is left out."""
    return escape(_NOT_XML.sub("", value))


def gtin(barcode: str | None) -> str | None:
    """Return the barcode where it is a global number with its check digit right, else None."""
    digits = (barcode or "").replace(" ", "").replace("-", "")
    if len(digits) not in GTIN_LENGTHS or not (digits.isascii() and digits.isdecimal()):
        return None
    weighed = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits[:-1])))
    return digits if (10 - weighed % 10) % 10 == int(digits[-1]) else None


def _prices(row: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    now, before = row["price_amount"], row["compare_at_amount"] or 0
    if before > now:
        return [("g:price", _amount(before, row["currency"])), ("g:sale_price", _amount(now, row["currency"]))]
    return [("g:price", _amount(now, row["currency"]))]


def _amount(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-exponent(currency)):f} {currency}"


def _shortened(value: str, length: int) -> str:
    return value if len(value) <= length else f"{value[: length - 1]}…"
