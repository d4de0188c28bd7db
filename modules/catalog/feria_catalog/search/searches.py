"""What was searched for, for staff: the most frequent searches, and what those without hits may have meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from feria_catalog.search import completing, log, mending
from feria_catalog.search.schemas import SearchesQuery, SearchOut, SearchPage
from feria_catalog.search.terms import Term, current
from feria_core import clock, db
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.runtime import core_settings
from feria_core.text import term

PROPOSALS = 5
# Letters of a word's beginning that its relatives share.
_ROOT = 4
_MAX_BIGINT = 2**63
_SEARCHES = """
SELECT query, searches, hits, sample, last_day FROM (
    SELECT query, sum(searches)::bigint AS searches, (array_agg(hits ORDER BY day DESC))[1] AS hits,
        (array_agg(sample ORDER BY day DESC))[1] AS sample, max(day) AS last_day
    FROM catalog_search_log WHERE day > $1 GROUP BY query) l
WHERE (NOT $2 OR hits = 0) AND ($3::bigint IS NULL OR (-searches, query) > (-$3, $4::text COLLATE "C"))
ORDER BY searches DESC, query LIMIT $5
"""


async def page(query: SearchesQuery) -> SearchPage:
    """Return searches, the most frequent first. Raises BadRequest for a cursor of another list."""
    await log.flush()
    since = clock.now().date() - timedelta(days=query.days)
    count, after = _position(query.cursor)
    rows = await db.fetch_all(_SEARCHES, since, query.without_hits, count, after, query.limit + 1)
    shown = rows[: query.limit]
    following = encode_cursor(shown[-1]["searches"], shown[-1]["query"]) if len(rows) > query.limit else None
    items = [SearchOut(**row, proposals=await proposals(row["query"]) if not row["hits"] else []) for row in shown]
    return SearchPage(items=items, next_cursor=following)


async def proposals(query: str) -> list[str]:
    """Return words of products that are near to those words of the search that no product holds."""
    terms, locale = await current(), (core_settings().locales or ("en",))[0]
    found: list[str] = []
    for word in query.split()[:5]:
        own = term(word, locale, is_first=True)
        if (await terms.load([own]))[own].products or not word.isalpha():
            continue
        near = [*await mending.near(word), *await completing.beginning_with(word[:_ROOT])]
        names = {other: term(other, locale, is_first=True) for other in near}
        loaded = await terms.load(names.values())
        found += _best([other for other in near if loaded[names[other]].products], word, names, loaded)
    return list(dict.fromkeys(found))[:PROPOSALS]


def _best(words: Sequence[str], word: str, names: Mapping[str, str], loaded: Mapping[str, Term]) -> list[str]:
    """Return the words by their distance, then by the number of their products."""
    far = len(word)
    return sorted(
        dict.fromkeys(words),
        key=lambda other: (mending.distance(word, other, far), -len(loaded[names[other]].products)),
    )


def _position(cursor: str | None) -> tuple[int | None, str]:
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None, ""
    count, query = parts
    if type(count) is not int or abs(count) >= _MAX_BIGINT or not isinstance(query, str) or "\x00" in query:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return count, query
