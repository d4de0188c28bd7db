"""The pictures of products: which, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from feria_catalog.domain import MediaInput
from feria_catalog.media import registry
from feria_catalog.media.registry import StoredFile
from feria_core import db
from feria_core.ids import new_id

_GIVEN = """unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[])
    AS r (id, product_id, key, alt, position, width, height)"""
_DELETE_OTHERS = """
DELETE FROM catalog_media m WHERE m.product_id = ANY($1::uuid[]) AND NOT EXISTS (
    SELECT FROM unnest($2::uuid[], $3::text[]) AS r (product_id, key)
    WHERE r.product_id = m.product_id AND r.key = m.key)
RETURNING m.key
"""
_UPDATE = f"""
UPDATE catalog_media m SET alt = r.alt, position = r.position FROM {_GIVEN}
WHERE m.product_id = r.product_id AND m.key = r.key
"""
_INSERT = f"""
INSERT INTO catalog_media (id, product_id, key, alt, position, width, height)
SELECT r.id, r.product_id, r.key, r.alt, r.position, r.width, r.height FROM {_GIVEN}
WHERE NOT EXISTS (SELECT FROM catalog_media m WHERE m.product_id = r.product_id AND m.key = r.key)
"""


async def replace_media(media: Mapping[UUID, Sequence[MediaInput]]) -> None:
    """Let each product, locked by the caller, have exactly these pictures, in this order.

    A picture that a product has already keeps its id, its focal point and the variants that show it.
    """
    if not media:
        return
    rows = [
        (new_id(), product_id, picture.key, picture.alt, position, picture.width, picture.height)
        for product_id, pictures in media.items()
        for position, picture in enumerate({picture.key: picture for picture in pictures}.values())
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    gone = {row["key"] for row in await db.fetch_all(_DELETE_OTHERS, list(media), columns[1], columns[2])}
    given = {row[2]: StoredFile(row[2], row[5], row[6], None) for row in rows}
    await registry.lock(gone | set(given))
    await registry.adopt(given.values())
    await registry.give_up(gone - set(given))
    if rows:
        await db.execute(_UPDATE, *columns)
        await db.execute(_INSERT, *columns)
