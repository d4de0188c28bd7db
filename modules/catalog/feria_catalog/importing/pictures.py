"""Pictures that a file names by their key: known to the media store, or the product is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feria_catalog.domain import MediaInput, ProductInput
from feria_catalog.importing.errors import RowRefused
from feria_core import db

_SIZES = """
SELECT key, width, height FROM catalog_media_file WHERE key = ANY($1::text[])
UNION SELECT key, width, height FROM catalog_media WHERE key = ANY($1::text[])
"""


async def sized(products: Sequence[ProductInput]) -> list[ProductInput | RowRefused]:
    """Return each product with the sizes of its pictures, or the refusal of one whose picture nobody has stored."""
    keys = {picture.key for product in products for picture in product.media}
    if not keys:
        return list(products)
    sizes = {row["key"]: (row["width"], row["height"]) for row in await db.fetch_all(_SIZES, list(keys))}
    return [_sized(product, sizes) for product in products]


def _sized(product: ProductInput, sizes: dict[str, tuple[int, int]]) -> ProductInput | RowRefused:
    unknown = next((picture.key for picture in product.media if picture.key not in sizes), None)
    if unknown is not None:
        return RowRefused(
            "unknown_media", f"The media store has no picture '{unknown[:100]}': upload it first.", "media"
        )
    return replace(product, media=tuple(MediaInput(p.key, p.alt, *sizes[p.key]) for p in product.media))
