"""Mistyped words: which words of the catalog are near."""

from __future__ import annotations

from feria_core.spelling import distance, edits
from feria_core.spelling import near as near_in

__all__ = ["distance", "edits", "near"]


async def near(word: str) -> dict[str, int]:
    """Return the catalog's words at one edit from `word`, or where none is and it is long, at two; with the edits."""
    return await near_in(word, vocabulary="catalog_search_word")
