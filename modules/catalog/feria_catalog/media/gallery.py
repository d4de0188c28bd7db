"""What staff do with the pictures of a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from quart import Request

from feria_catalog import documents
from feria_catalog.media import limits, registry, store
from feria_catalog.media.errors import TooManyMedia
from feria_catalog.media.keys import focal_point, narrower, url_of
from feria_catalog.media.registry import StoredFile
from feria_catalog.media.schemas import AdminMedia, AdminMediaList, MediaPatch
from feria_catalog.media.upload import MediaForm, receive
from feria_catalog.settings import CatalogSettings
from feria_catalog.staff import reading
from feria_catalog.staff.products import check_version
from feria_catalog.writing import rows
from feria_core import audit, clock, db
from feria_core.errors import NotFound
from feria_core.ids import new_id, parse_id
from feria_core.runtime import settings

_BY_PRODUCT = """
SELECT m.id, m.key, m.alt, m.position, m.width, m.height, m.focal_x, m.focal_y, f.bytes, p.version
FROM catalog_media m JOIN catalog_product p ON p.id = m.product_id
LEFT JOIN catalog_media_file f ON f.key = m.key
WHERE m.product_id = $1 ORDER BY m.position, m.id
"""
_INSERT = """
INSERT INTO catalog_media (id, product_id, key, alt, position, width, height, focal_x, focal_y)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::float8::numeric(4, 3), $9::float8::numeric(4, 3))
"""
_UPDATE = """
UPDATE catalog_media SET alt = $2, focal_x = $3::float8::numeric(4, 3), focal_y = $4::float8::numeric(4, 3)
WHERE id = $1
"""
_ORDER = """
UPDATE catalog_media m SET position = r.position - 1
FROM unnest($1::uuid[]) WITH ORDINALITY AS r (id, position) WHERE m.id = r.id AND m.position <> r.position - 1
"""


@dataclass(frozen=True)
class Added:
    """A picture of a product; `is_new` is False where the product had it already, which leaves it as it was."""

    media: AdminMedia
    is_new: bool


async def listed(key: str) -> AdminMediaList:
    """Return the product's pictures. Raises NotFound."""
    product = await reading.view(key)
    return AdminMediaList(items=[_out(row) for row in await _rows(product.row.id)], version=product.version)


async def add(key: str, request: Request) -> Added:
    """Store the picture that the request uploads and show it on the product.

    Raises NotFound, TooManyMedia, and what `receive` and `store_file` raise; then nothing refers to what was stored.
    """
    product = await reading.view(key)
    _check_room(await _rows(product.row.id))
    async with store.work_folder() as folder:
        source = folder / "source"
        form = await receive(request, source, max_bytes=settings(CatalogSettings).media_max_bytes)
        stored = await store.store_file(source)
    return await attach(product.row.id, stored, form)


async def attach(product_id: UUID, stored: StoredFile, form: MediaForm) -> Added:
    """Show a stored picture on the product; one that it has already stays as it is. Raises NotFound, TooManyMedia."""
    async with db.transaction():
        await reading.view(str(product_id), lock=True)
        before = await _rows(product_id)
        known = next((row for row in before if row["key"] == stored.key), None)
        if known is not None:
            return Added(_out(known), is_new=False)
        _check_room(before)
        media_id = new_id()
        await registry.take_into_use([stored.key])
        await db.execute(
            _INSERT, media_id, product_id, stored.key, form.alt, len(before), stored.width, stored.height,
            form.focal_x, form.focal_y,
        )  # fmt: skip
        await _move(before, media_id, form.position)
        after = await _changed(product_id, media_id)
        await audit.record("catalog.media.added", "product", product_id, after=_audited(after))
        return Added(_out(after), is_new=True)


async def edit(key: str, media_key: str, patch: MediaPatch) -> AdminMedia:
    """Change what `patch` names of a picture; return it as it is now. Raises NotFound, StaleVersion."""
    async with db.transaction():
        product = await reading.view(key, lock=True)
        check_version(product, patch.version)
        rows_before = await _rows(product.row.id)
        before = _find(rows_before, media_key)
        alt = before["alt"] if patch.alt is None else patch.alt
        focal = (before["focal_x"], before["focal_y"])
        if "focal_point" in patch.model_fields_set:
            focal = (patch.focal_point.x, patch.focal_point.y) if patch.focal_point else (None, None)
        await db.execute(_UPDATE, before["id"], alt, *(None if share is None else float(share) for share in focal))
        if patch.position is not None:
            await _move([row for row in rows_before if row is not before], before["id"], patch.position)
        after = await _changed(product.row.id, before["id"])
        old, new = _audited(before), _audited(after)
        changed = [name for name in new if name in ("id", "key") or old[name] != new[name]]
        await audit.record(
            "catalog.media.edited", "product", product.row.id,
            before={name: old[name] for name in changed}, after={name: new[name] for name in changed},
        )  # fmt: skip
        return _out(after)


async def remove(key: str, media_key: str) -> None:
    """Take a picture off the product; its file goes later, where nothing else shows it. Raises NotFound."""
    async with db.transaction():
        product = await reading.view(key, lock=True)
        before = await _rows(product.row.id)
        gone = _find(before, media_key)
        await db.execute("DELETE FROM catalog_media WHERE id = $1", gone["id"])
        await registry.give_up([gone["key"]])
        await db.execute(_ORDER, [row["id"] for row in before if row is not gone])
        await rows.raise_versions([product.row.id], now=clock.now())
        await documents.rewrite([product.row.id])
        await audit.record("catalog.media.removed", "product", product.row.id, before=_audited(gone))


def _check_room(pictures: list[Mapping[str, Any]]) -> None:
    if len(pictures) >= limits.PER_PRODUCT:
        raise TooManyMedia(f"A product shows at most {limits.PER_PRODUCT} pictures: remove one first.")


async def _move(others: list[Mapping[str, Any]], media_id: UUID, position: int | None) -> None:
    """Number the pictures anew, this one at `position` or, without it, last."""
    ids = [row["id"] for row in others]
    ids.insert(len(ids) if position is None else position, media_id)
    await db.execute(_ORDER, ids)


async def _changed(product_id: UUID, media_id: UUID) -> Mapping[str, Any]:
    """Raise the product's version and write its documents; return the picture as it is now."""
    await rows.raise_versions([product_id], now=clock.now())
    await documents.rewrite([product_id])
    return next(row for row in await _rows(product_id) if row["id"] == media_id)


async def _rows(product_id: UUID) -> list[Mapping[str, Any]]:
    return list(await db.fetch_all(_BY_PRODUCT, product_id))


def _find(pictures: list[Mapping[str, Any]], key: str) -> Mapping[str, Any]:
    """Return the picture of that id. Raises NotFound."""
    media_id = parse_id(key)
    for row in pictures:
        if row["id"] == media_id:
            return row
    raise NotFound(f"The product has no picture '{key[:100]}': GET its media to see them.")


def _out(row: Mapping[str, Any]) -> AdminMedia:
    return AdminMedia.model_validate(
        {
            **row,
            "url": url_of(row["key"]),
            "focal_point": focal_point(row),
            "variants": narrower(row["key"], row["width"]),
        }
    )


def _audited(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "key": row["key"],
        "alt": row["alt"],
        "position": row["position"],
        "focal_point": focal_point(row),
    }
