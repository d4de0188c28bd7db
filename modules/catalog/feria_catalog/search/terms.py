"""The terms that this process has searched for: which products have them, and the best of those.

The tables are the truth; a copy is proved before each use, as that of the facets is (facets/loading.py tells how):
one read of an index brings every product whose words were written since the last look. Terms are loaded when they are
first searched for, those that were not used for long are dropped.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from feria_catalog import proved
from feria_catalog.proved import SNAPSHOT, bitmap_of, numbers_of, view_of
from feria_catalog.search.synonyms import by_words
from feria_core import db

# Of a term so many products with the greatest impacts are kept with these; the rest is known by its set alone.
BEST = 16_000
BEST_SIZE = 10
# Terms that are kept, and bytes of them.
MAX_KEPT, MAX_BYTES = 5000, 64 * 1024 * 1024
# Changed products that are taken over one by one: more of them, and everything is loaded anew when it is asked for.
MAX_CHANGED = 2000
_CHANGED = f"""
SELECT s.low::text, s.high::text, y.version, e.product_no, e.terms, e.changed_xid::text AS xid
FROM (SELECT pg_snapshot_xmin(snap) AS low, pg_snapshot_xmax(snap) AS high
      FROM (SELECT pg_current_snapshot() AS snap OFFSET 0) c) s
CROSS JOIN (SELECT count(*) || ' ' || coalesce(max(changed_xid)::text, '') AS version FROM catalog_synonym) y
LEFT JOIN LATERAL (
    SELECT product_no, terms, changed_xid FROM catalog_search_entry
    WHERE changed_xid >= $1::text::xid8 AND changed_xid < s.high
    ORDER BY changed_xid, product_no LIMIT {MAX_CHANGED + 1}) e ON true
"""
_SYNONYMS = "SELECT term, synonyms, is_two_way FROM catalog_synonym"
_SETS = """
SELECT term, string_agg(int4send(product_no), '') AS products
FROM catalog_posting WHERE term = ANY($1::text[]) GROUP BY term
"""
_BEST = f"""
SELECT t.term, string_agg(int4send(b.product_no), '') AS products, string_agg(float4send(b.impact), '') AS impacts
FROM unnest($1::text[]) AS t (term)
CROSS JOIN LATERAL (
    SELECT impact, product_no FROM catalog_posting p WHERE p.term = t.term
    ORDER BY p.impact DESC, p.product_no DESC LIMIT {BEST}) b
GROUP BY t.term
"""


class Best:
    """The products that have a term with the greatest impacts, by their numbers; `floor` bounds those of all others."""

    def __init__(self, products: bytes = b"", impacts: bytes = b"") -> None:
        """Take both in any order; it is the same in both."""
        numbers = view_of(numbers_of("I", products))
        order = np.argsort(numbers)
        self.products = numbers[order]
        self.impacts = np.frombuffer(numbers_of("f", impacts), np.float32)[order]
        self.floor = float(self.impacts.min()) if len(self.products) >= BEST else 0.0

    @cached_property
    def members(self) -> BitMap:
        """The same products as a set."""
        return bitmap_of(self.products)

    def above(self, impact: float) -> BitMap:
        """Return those whose impact is `impact` or more."""
        return bitmap_of(self.products[self.impacts >= np.float64(impact)])


@dataclass
class Term:
    """Which products have a term, and the best of them, unless one of these has changed since."""

    products: BitMap = field(default_factory=BitMap)
    best: Best | None = None

    @property
    def size(self) -> int:
        """About how many bytes this takes."""
        return 400 + min(2 * len(self.products), 131_072) + (BEST_SIZE * len(self.best.products) if self.best else 0)


class Terms:
    """The terms of one process. What comes out is not the caller's to change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Term] = OrderedDict()
        self._bytes = 0
        self._low, self._high = "0", 0
        self._seen: dict[int, str] = {}
        # Counts the changes of what a search would be understood by.
        self.generation = 0
        self._synonyms: Mapping[tuple[str, ...], list[tuple[str, ...]]] = {}
        self._synonym_version = ""
        # A look and a load never overlap: what is loaded before a change must not arrive after the look that saw it.
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Bring in what was committed since the last look."""
        async with self._turn:
            await self._refresh()

    async def _refresh(self) -> None:
        if not self._kept:
            row = await db.fetch_one(SNAPSHOT)
            assert row is not None  # noqa: S101 - a row without a table
            self._low, self._high, self._seen = row["low"], int(row["high"]), {}
            self._synonym_version = ""
            # From here on every look brings the changes.
            self._kept[""] = Term()
        await self._look()

    async def _look(self) -> None:
        rows = await db.fetch_all(_CHANGED, self._low)
        first = rows[0]
        changed = [row for row in rows if row["product_no"] is not None]
        if int(first["high"]) < self._high or len(changed) > MAX_CHANGED:
            self._forget()
        else:
            self._put({r["product_no"]: r["terms"] for r in changed if self._seen.get(r["product_no"]) != r["xid"]})
        self._low, self._high = first["low"], int(first["high"])
        self._seen = {row["product_no"]: row["xid"] for row in changed}
        if first["version"] != self._synonym_version:
            self._synonyms = by_words(await db.fetch_all(_SYNONYMS))
            self._synonym_version = first["version"]
            self.generation += 1

    def synonyms(self) -> Mapping[tuple[str, ...], list[tuple[str, ...]]]:
        """Return the synonyms of staff, each as words, by the words that are typed."""
        return self._synonyms

    async def load(self, terms: Iterable[str]) -> Mapping[str, Term]:
        """Return the terms, from the tables where they are not known; one that no product has is empty."""
        wanted = list(dict.fromkeys(terms))
        if not all(term in self._kept for term in wanted):
            async with self._turn:
                await self._load([term for term in wanted if term not in self._kept])
        found = {term: self._kept[term] for term in wanted}
        for term in wanted:
            self._kept.move_to_end(term)
        self._shrink(keep=len(wanted))
        return found

    async def with_best(self, terms: Mapping[str, Term]) -> None:
        """Load the best products of these terms where they are not known."""
        if any(found.best is None for found in terms.values()):
            async with self._turn:
                await self._load_best({term: found for term, found in terms.items() if found.best is None})

    async def _load(self, missing: list[str]) -> None:
        rows = await db.fetch_all(_SETS, missing) if missing else []
        sets = {row["term"]: BitMap(numbers_of("I", row["products"])) for row in rows}
        for term in missing:
            found = self._kept[term] = Term(sets.get(term, BitMap()))
            self._bytes += found.size

    async def _load_best(self, missing: Mapping[str, Term]) -> None:
        names = [term for term, found in missing.items() if found.products]
        rows = await db.fetch_all(_BEST, names) if names else []
        best = {row["term"]: Best(row["products"], row["impacts"]) for row in rows}
        for term, found in missing.items():
            found.best = best.get(term, Best())
            if self._kept.get(term) is found:
                self._bytes += BEST_SIZE * len(found.best.products)

    def _put(self, changed: Mapping[int, Iterable[str]]) -> None:
        """Let these products have these terms and no others."""
        if not changed:
            return
        self.generation += 1
        products = BitMap(changed)
        for term in self._kept.values():
            if term.products.intersect(products):
                term.products -= products
                self._drop_best(term)
        for no, terms in changed.items():
            for name in terms:
                kept = self._kept.get(name)
                if kept is not None:
                    kept.products.add(no)
                    self._drop_best(kept)

    def _drop_best(self, term: Term) -> None:
        if term.best is not None:
            self._bytes -= BEST_SIZE * len(term.best.products)
            term.best = None

    def _shrink(self, keep: int) -> None:
        while len(self._kept) > max(keep, 1) and (len(self._kept) > MAX_KEPT or self._bytes > MAX_BYTES):
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.size

    def _forget(self) -> None:
        self._kept.clear()
        self._bytes = 0
        self.generation += 1


class Copy(proved.Copy[Terms]):
    """The terms of one application."""

    def __init__(self) -> None:
        super().__init__()
        self.terms = Terms()

    async def _look(self) -> Terms:
        await self.terms.refresh()
        return self.terms


_copy = proved.PerApplication(Copy)


async def current() -> Terms:
    """Return this process's terms as of now: nothing in them is older than this call."""
    return await _copy.get().current()
