"""The terms that this process has searched for: which products have them, and how much they tell in each.

The tables are the truth; a copy is proved before each use, as that of the facets is (facets/loading.py tells how):
one read of an index brings every product whose words were written since the last look. Terms are loaded when they are
first searched for, those that were not used for long are dropped.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap

from feria_catalog import proved
from feria_catalog.proved import SNAPSHOT, bytes_of, numbers_of
from feria_catalog.search.impacts import Impacts
from feria_catalog.search.synonyms import by_words
from feria_core import db

# Terms that are kept, and bytes of them.
MAX_KEPT, MAX_BYTES = 20_000, 192 * 1024 * 1024
# Changed products that are taken over one by one: more of them, and everything is loaded anew when it is asked for.
MAX_CHANGED = 2000
_CHANGED = f"""
SELECT s.low::text, s.high::text, y.version, e.product_no, e.terms, e.impacts,
    e.changed_xid::text AS xid
FROM (SELECT pg_snapshot_xmin(snap) AS low, pg_snapshot_xmax(snap) AS high
      FROM (SELECT pg_current_snapshot() AS snap OFFSET 0) c) s
CROSS JOIN (SELECT count(*) || ' ' || coalesce(max(changed_xid)::text, '') AS version FROM catalog_synonym) y
LEFT JOIN LATERAL (
    SELECT product_no, terms, impacts, changed_xid FROM catalog_search_entry
    WHERE changed_xid >= $1::text::xid8 AND changed_xid < s.high
    ORDER BY changed_xid, product_no LIMIT {MAX_CHANGED + 1}) e ON true
"""
_SYNONYMS = "SELECT term, synonyms, is_two_way FROM catalog_synonym"
_SETS = """
SELECT term, string_agg(int4send(product_no), '') AS products
FROM catalog_posting WHERE term = ANY($1::text[]) GROUP BY term
"""
_IMPACTS = """
SELECT term, string_agg(int4send(product_no), '') AS products, string_agg(float4send(impact), '') AS impacts
FROM catalog_posting WHERE term = ANY($1::text[]) GROUP BY term
"""


@dataclass
class Term:
    """Which products have a term, and how much it tells in each, where that was asked for; see `Terms`."""

    products: BitMap = field(default_factory=BitMap)
    impacts: Impacts | None = None
    # What was counted of it towards MAX_BYTES.
    counted: int = 0

    @property
    def size(self) -> int:
        """About how many bytes this takes."""
        return 400 + bytes_of(self.products) + (self.impacts.size if self.impacts else 0)

    def put(self, no: int, impact: float) -> None:
        """Let the product have the term."""
        self.products.add(no)
        self._weigh(no, impact)

    def take(self, no: int) -> None:
        """Let the product have it no longer."""
        self.products.discard(no)
        self._weigh(no, 0.0)

    def _weigh(self, no: int, impact: float) -> None:
        if self.impacts is not None:
            self.impacts.put(no, impact)
            if self.impacts.is_worn:
                self.impacts = None


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
            new = [row for row in changed if self._seen.get(row["product_no"]) != row["xid"]]
            self._put({row["product_no"]: dict(zip(row["terms"], row["impacts"], strict=True)) for row in new})
        self._low, self._high = first["low"], int(first["high"])
        self._seen = {row["product_no"]: row["xid"] for row in changed}
        if first["version"] != self._synonym_version:
            self._synonyms = by_words(await db.fetch_all(_SYNONYMS))
            self._synonym_version = first["version"]
            self.generation += 1

    def synonyms(self) -> Mapping[tuple[str, ...], list[tuple[str, ...]]]:
        """Return the synonyms of staff, each as words, by the words that are typed."""
        return self._synonyms

    async def load(self, terms: Iterable[str], *, weighed: bool = False) -> Mapping[str, Term]:
        """Return the terms, from the tables where they are not known; one that no product has is empty.

        Where `weighed`, each has its impacts, until the next `await`.
        """
        wanted = list(dict.fromkeys(terms))
        if self._missing(wanted, weighed=weighed):
            async with self._turn:
                await self._load(self._missing(wanted, weighed=weighed), weighed=weighed)
        found = {term: self._kept[term] for term in wanted}
        for term in wanted:
            self._kept.move_to_end(term)
        self._shrink(keep=len(wanted))
        return found

    def _missing(self, wanted: Iterable[str], *, weighed: bool) -> list[str]:
        return [term for term in wanted if (kept := self._kept.get(term)) is None or (weighed and kept.impacts is None)]

    async def _load(self, missing: list[str], *, weighed: bool) -> None:
        rows = await db.fetch_all(_IMPACTS if weighed else _SETS, missing) if missing else []
        found = {row["term"]: row for row in rows}
        for name in missing:
            row = found.get(name)
            term = self._kept.get(name)
            if term is None:
                term = self._kept[name] = Term(BitMap(numbers_of("I", row["products"])) if row else BitMap())
            if weighed:
                term.impacts = Impacts(row["products"], row["impacts"]) if row else Impacts()
            self._count(term)

    def _put(self, changed: Mapping[int, Mapping[str, float]]) -> None:
        """Let these products have these terms and no others."""
        if not changed:
            return
        self.generation += 1
        products, touched = BitMap(changed), dict[str, Term]()
        for name, term in self._kept.items():
            for no in term.products & products:
                if name not in changed[no]:
                    touched[name] = term
                    term.take(no)
        for no, terms in changed.items():
            for name, impact in terms.items():
                kept = self._kept.get(name)
                if kept is not None:
                    touched[name] = kept
                    kept.put(no, impact)
        for term in touched.values():
            self._count(term)

    def _count(self, term: Term) -> None:
        self._bytes += term.size - term.counted
        term.counted = term.size

    def _shrink(self, keep: int) -> None:
        while len(self._kept) > max(keep, 1) and (len(self._kept) > MAX_KEPT or self._bytes > MAX_BYTES):
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.counted

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
