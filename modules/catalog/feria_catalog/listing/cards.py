"""The cards of a page, and the names of its facets, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from feria_catalog.documents import languages
from feria_catalog.facets.answering import ATTRIBUTES, Facet, attributes_of, named
from feria_core import db

# What was chosen is looked at once more: a draft is never shown, however fast somebody made it one.
_CARDS = """
SELECT no, card FROM catalog_product_document WHERE no = ANY($1::int[]) AND listed_from <= $2 AND listed_until > $2
"""
_WITH_NAMES = f"""
SELECT no, card, NULL AS code, NULL AS name, NULL AS type, NULL AS unit, NULL::boolean AS is_filterable
FROM ({_CARDS}) c
UNION ALL SELECT NULL, NULL, a.* FROM ({ATTRIBUTES.replace("$1", "$3")}) a
"""


async def shown(
    numbers: Sequence[int], now: datetime, facets: Sequence[Facet] | None
) -> tuple[list[str], dict[str, Any]]:
    """Return the cards of those that are shown, in the order of the numbers, and the answer's member of facets."""
    codes = attributes_of(facets or ())
    rows: Sequence[db.Row] = ()
    if codes:
        rows = await db.fetch_all(_WITH_NAMES, numbers, now, codes)
    elif numbers:
        rows = await db.fetch_all(_CARDS, numbers, now)
    cards = {row["no"]: row["card"] for row in rows if row["no"] is not None}
    names = {row["code"]: row for row in rows if row["no"] is None}
    cards |= await languages.cards_by_no(cards)
    more = {} if facets is None else {"facets": await named(facets, names)}
    return [cards[no] for no in numbers if no in cards], more
