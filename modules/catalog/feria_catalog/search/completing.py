"""Words of the catalog by their beginning."""

from __future__ import annotations

from feria_core import db

# One letter fits half the shop.
MIN_LENGTH = 2
LOOKED_AT, KEPT = 100, 20
_BEGINNING = f"""
SELECT word FROM catalog_search_word WHERE word > $1 AND word < $1 || U&'\\+10FFFF' ORDER BY word LIMIT {LOOKED_AT}
"""


async def beginning_with(word: str) -> list[str]:
    """Return words of the catalog that begin with `word`, at most LOOKED_AT."""
    if len(word) < MIN_LENGTH:
        return []
    return [row["word"] for row in await db.fetch_all(_BEGINNING, word)]
