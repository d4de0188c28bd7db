"""The check of `feria doctor`: is the file of every picture there?"""

from __future__ import annotations

import asyncio

from feria_catalog.media.storage.chosen import storage
from feria_core import db

# A bucket is asked about each file: the newest, where something just went wrong, and as many by chance.
NEWEST, BY_CHANCE = 250, 250
AT_A_TIME = 16
LIMIT = 20

_KEYS = f"""
WITH shown AS (
    SELECT f.key, f.touched_at FROM catalog_media_file f
    WHERE EXISTS (SELECT FROM catalog_media m WHERE m.key = f.key)
        OR EXISTS (SELECT FROM catalog_media_use u WHERE u.key = f.key))
(SELECT key FROM shown ORDER BY touched_at DESC LIMIT {NEWEST})
UNION (SELECT key FROM shown ORDER BY random() LIMIT {BY_CHANCE})
"""


async def media() -> list[str]:
    """Pictures whose file is missing, looked for among 500."""
    files = storage()
    places = asyncio.Semaphore(AT_A_TIME)

    async def is_missing(key: str) -> bool:
        async with places:
            return await files.size(key) is None

    keys = sorted(row["key"] for row in await db.fetch_all(_KEYS))
    missing = await asyncio.gather(*(is_missing(key) for key in keys))
    lost = [key for key, gone in zip(keys, missing, strict=True) if gone]
    return [
        f"{key}: it is shown, but its file is missing: restore it, or upload the picture anew" for key in lost[:LIMIT]
    ]
