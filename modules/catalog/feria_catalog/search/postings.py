"""Writing the words of products, in the transaction of the change.

Only what differs is written: a product whose words stay (another price, another stock) costs one comparison. Rows of
one product are written only by whoever holds that product's row locked, so no two writers meet in them; new words are
added in the order of the alphabet and never changed, so no two writers wait for each other in a circle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from feria_catalog.documents.columns import array_literal
from feria_catalog.documents.rendering import ProductFacts
from feria_catalog.search.fields import searched
from feria_core import db

_DIGESTS = "SELECT product_no, digest FROM catalog_search_entry WHERE product_no = ANY($1::int[])"
_GIVEN = """
given AS MATERIALIZED (
    SELECT product_no, digest, terms::text[] AS terms, impacts::real[] AS impacts
    FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[]) AS e (product_no, digest, terms, impacts))"""
# In the order of the index: neighbours go to the same page.
_ADD = f"""
WITH {_GIVEN}, entries AS (
    INSERT INTO catalog_search_entry (product_no, digest, terms, impacts) SELECT * FROM given)
INSERT INTO catalog_posting (term, impact, product_no)
SELECT w.term, w.impact, g.product_no FROM given g, unnest(g.terms, g.impacts) AS w (term, impact)
ORDER BY w.term COLLATE "C", w.impact, g.product_no
"""
_CHANGE = f"""
WITH {_GIVEN}, entries AS (
    UPDATE catalog_search_entry e SET digest = g.digest, terms = g.terms, impacts = g.impacts,
        changed_xid = pg_current_xact_id()
    FROM given g WHERE e.product_no = g.product_no),
before AS MATERIALIZED (
    SELECT w.term, w.impact, e.product_no FROM catalog_search_entry e, unnest(e.terms, e.impacts) AS w (term, impact)
    WHERE e.product_no = ANY($1::int[])),
after AS MATERIALIZED (
    SELECT w.term, w.impact, g.product_no FROM given g, unnest(g.terms, g.impacts) AS w (term, impact)),
gone AS (
    DELETE FROM catalog_posting p USING (SELECT * FROM before EXCEPT SELECT * FROM after) g
    WHERE p.term = g.term AND p.impact = g.impact AND p.product_no = g.product_no)
INSERT INTO catalog_posting (term, impact, product_no) SELECT * FROM after EXCEPT SELECT * FROM before
"""
_WORDS = """
INSERT INTO catalog_search_word (word)
SELECT g.word FROM unnest($1::text[]) AS g (word)
WHERE NOT EXISTS (SELECT FROM catalog_search_word w WHERE w.word = g.word)
ORDER BY g.word COLLATE "C" ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Entry:
    """A product's terms and impacts as PostgreSQL reads arrays, what tells them from others, and its words."""

    terms: str
    impacts: str
    digest: int
    words: frozenset[str]


async def stored(numbers: Sequence[int]) -> dict[int, int]:
    """Return the digests of what is stored of these products, by their numbers."""
    return {row["product_no"]: row["digest"] for row in await db.fetch_all(_DIGESTS, list(numbers))}


async def write(found: Mapping[int, Entry], before: Mapping[int, int]) -> set[str]:
    """Write what products are found by where it differs from what was `stored`; return the words of these.

    The products' rows must be locked; the words are the caller's to add, all those of a transaction at once.
    """
    new = {no: entry for no, entry in found.items() if no not in before}
    changed = {no: entry for no, entry in found.items() if no in before and before[no] != entry.digest}
    for statement, entries in ((_ADD, new), (_CHANGE, changed)):
        if entries:
            columns = [(entry.digest, entry.terms, entry.impacts) for entry in entries.values()]
            await db.execute(statement, list(entries), *(list(column) for column in zip(*columns, strict=True)))
    return set().union(*(written.words for written in (*new.values(), *changed.values())))


async def add_words(words: Collection[str]) -> None:
    """Let these words be known to completions and to mending."""
    if words:
        await db.execute(_WORDS, sorted(words))


def entry(product: ProductFacts, locales: tuple[str, ...]) -> Entry:
    """Return what is written of the product. Pure."""
    found = searched(product, locales)
    terms = _texts(found.terms)
    impacts = "{" + ",".join(map(_written, found.terms.values())) + "}"
    digest = hashlib.blake2b(f"{terms}{impacts}".encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return Entry(terms, impacts, int.from_bytes(digest, "big", signed=True), found.words)


# There are ten thousand impacts, and writing one down costs more than all else that is done with it.
_written = lru_cache(maxsize=16_384)(repr)


def _texts(terms: Iterable[str]) -> str:
    """Return an array literal; words hold nothing to be escaped, an SKU may."""
    listed = list(terms)
    plain = '","'.join(listed)
    if "\\" in plain or plain.count('"') != 2 * max(len(listed) - 1, 0):
        return array_literal(listed)
    return f'{{"{plain}"}}' if listed else "{}"
