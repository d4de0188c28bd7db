"""Completions of what was typed so far: categories, products, and what others searched for."""

from __future__ import annotations

from collections.abc import Sequence

from feria_catalog.facets.current import current
from feria_catalog.schemas import Suggestion
from feria_catalog.search import planning, ranking
from feria_catalog.search.words import words
from feria_core import clock, db
from feria_core.runtime import core_settings
from feria_core.text import fold, stem

SUGGESTIONS, CATEGORIES, QUERIES = 10, 3, 3
MIN_LENGTH = 2
# Rows of the log that are added up for one beginning.
_LOOKED_AT = 1000
_QUERIES = f"""
SELECT query, (array_agg(sample ORDER BY day DESC))[1] AS sample
FROM (SELECT query, day, searches, hits, sample FROM catalog_search_log
    WHERE query > $1 AND query < $1 || U&'\\+10FFFF' ORDER BY query LIMIT {_LOOKED_AT}) l
GROUP BY query HAVING (array_agg(hits ORDER BY day DESC))[1] > 0
ORDER BY sum(searches) DESC, query LIMIT {QUERIES}
"""
_CATEGORIES = "SELECT slug, name FROM catalog_category ORDER BY lower(name), slug"
_PRODUCTS = """
SELECT p.no, p.name, p.slug, coalesce(b.name, '') AS brand
FROM catalog_product p LEFT JOIN catalog_brand b ON b.id = p.brand_id WHERE p.no = ANY($1::int[])
"""
# Of the best so many, those are shown whose name or brand has what was typed.
_BEST = 50


async def suggestions(text: str) -> list[Suggestion]:
    """Return at most ten completions: categories and searches that go on as was typed, then products that fit."""
    typed = " ".join(words(text))
    if not typed:
        return []
    found = await _categories(fold(text).strip())
    if len(typed) >= MIN_LENGTH:
        rows = await db.fetch_all(_QUERIES, typed)
        found += [Suggestion(kind="query", text=row["sample"], slug=None) for row in rows]
    return found + await _products(text, SUGGESTIONS - len(found))


async def _categories(typed: str) -> list[Suggestion]:
    rows = await db.fetch_all(_CATEGORIES)
    fitting = [row for row in rows if any(part.startswith(typed) for part in _beginnings(row["name"]))]
    return [Suggestion(kind="category", text=row["name"], slug=row["slug"]) for row in fitting[:CATEGORIES]]


async def _products(text: str, limit: int) -> list[Suggestion]:
    index = await current()
    plan = await planning.plan(text, among=index.schedule.shown(clock.now()).copy(), is_unfinished=True)
    if plan is None or not plan.products:
        return []
    best = [place.no for place in (await ranking.ranked(plan, plan.products, index)).page(None, _BEST)]
    rows = {row["no"]: row for row in await db.fetch_all(_PRODUCTS, best)}
    locale = (core_settings().locales or ("en",))[0]
    typed = [stem(word, locale) for word in words(plan.corrected_query or text)]
    named = [rows[no] for no in best if no in rows and _begins(f"{rows[no]['brand']} {rows[no]['name']}", typed)]
    return [Suggestion(kind="product", text=row["name"], slug=row["slug"]) for row in named[:limit]]


def _begins(name: str, typed: Sequence[str]) -> bool:
    """Return whether each typed word is the beginning of a word of the name."""
    parts = words(name)
    return all(any(part.startswith(beginning) for part in parts) for beginning in typed)


def _beginnings(name: str) -> list[str]:
    """Return the name from each of its words on: "dining tables" also fits "tab"."""
    parts = fold(name).split()
    return [" ".join(parts[i:]) for i in range(len(parts))]
