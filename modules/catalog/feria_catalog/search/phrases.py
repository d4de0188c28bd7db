"""Which products hold words one after the other. Positions are not stored: texts of the candidates are read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pyroaring import BitMap

from feria_catalog.search.words import words
from feria_core import db
from feria_core.runtime import core_settings
from feria_core.text import stem

# So many candidates are read; of a phrase whose words stand in more products the newest so many.
LOOKED_AT = 2000
_TEXTS = """
SELECT p.no, p.name, p.description, b.name AS brand, p.attributes::text AS attributes
FROM catalog_product p LEFT JOIN catalog_brand b ON b.id = p.brand_id WHERE p.no = ANY($1::int[])
"""


async def holding(candidates: BitMap, phrase: Sequence[str]) -> BitMap:
    """Return the candidates in one of whose texts the words of the phrase stand together, by their stems."""
    if not candidates or len(phrase) == 1:
        return candidates
    first = max(0, len(candidates) - LOOKED_AT)
    rows = await db.fetch_all(_TEXTS, list(candidates[first:]))
    locale = core_settings().locales[0]
    return await asyncio.to_thread(_holding, rows, [stem(word, locale) for word in phrase], locale)


def _holding(rows: Sequence[Mapping[str, Any]], phrase: Sequence[str], locale: str) -> BitMap:
    wanted = f" {' '.join(phrase)} "
    return BitMap([row["no"] for row in rows if any(wanted in _line(text, locale) for text in _texts(row))])


def _line(text: str, locale: str) -> str:
    return f" {' '.join(stem(word, locale) for word in words(text))} "


def _texts(row: Mapping[str, Any]) -> list[str]:
    values = [v for v in orjson.loads(row["attributes"]).values() if isinstance(v, (str, list))]
    flat = [str(one) for value in values for one in (value if isinstance(value, list) else [value])]
    return [f"{row['brand'] or ''} {row['name']}", row["description"], *flat]
