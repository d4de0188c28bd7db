"""The statements behind lists, put together from constants; every value is a `$n`."""

from __future__ import annotations

from collections.abc import Sequence

from feria_catalog.listing.filters import Statement
from feria_catalog.listing.query import SearchQuery
from feria_catalog.listing.sorting import RELEVANCE, SORTS, Position

# Totals are exact up to this; one more says "more than that".
COUNTED = 10_000
# Ranking reads and unpacks each candidate, at some 10 µs each: the best so many by title and popularity are ranked,
# the others follow in that order.
RANKED = 300
# A search for any of the words looks at so many products a word.
CANDIDATES = 100
# Products that share an SKU or barcode up to spaces and capitals.
CODED = 50
# Weights of description, attributes, brand/category/SKU, name.
_WEIGHTS = "'{0.05, 0.15, 0.5, 1.0}'"
# Divides by 1 + the logarithm of the length: a word weighs more where few stand.
_BY_LENGTH = 1

# How much a word tells: one that brings few candidates much, one that brings the most that are looked at little.
_RARITY = f"ln(1 + {CANDIDATES}.0 / (1 + count(*)))"
_HAS_CODE = "(d.product_id IN (SELECT product_id FROM coded))"

_FROM = "catalog_product_document d"


def plain(conditions: Sequence[str], statement: Statement, sort: str, position: Position | None, limit: int) -> str:
    """Return the page of a list in the order of a column."""
    order = SORTS[sort]
    where = " AND ".join(conditions)
    after = _after(order.expression, sort, position, statement)
    return f"""
SELECT t.total, p.product_id, p.k, p.card
FROM (SELECT count(*) AS total FROM (SELECT FROM {_FROM} WHERE {where} LIMIT {COUNTED + 1}) c) t
LEFT JOIN (
    SELECT d.product_id, {order.expression} AS k, d.card FROM {_FROM} WHERE {where}{after}
    ORDER BY {order.order_by} LIMIT {statement.add(limit)}) p ON true
ORDER BY {order.order_by}"""


def match(query: SearchQuery, statement: Statement) -> str:
    """Return the condition that a product has every word, or is the one of that SKU or barcode."""
    return f"d.search @@ ({_tsquery(query.all_words, statement)} || {_code(query, statement)})"


def all_words(
    conditions: Sequence[str], query: SearchQuery, statement: Statement, position: Position | None, limit: int
) -> str:
    """Return the page of products that have every word, the best first."""
    exact, found = _tsquery(query.exact, statement), _tsquery(query.all_words, statement)
    code = _code(query, statement)
    where = " AND ".join([*conditions, f"d.search @@ ({found} || {code})"])
    return f"""
WITH {_coded(code)},
matches AS MATERIALIZED (
    SELECT d.product_id, row_number() OVER (
        ORDER BY {_HAS_CODE} DESC, d.title @@ {exact} DESC, d.popularity DESC, d.product_id) AS nth
    FROM {_FROM} WHERE {where}),
best AS MATERIALIZED (SELECT product_id FROM matches WHERE nth <= {RANKED}),
ranked AS (
    SELECT product_id, (
        ts_rank_cd({_WEIGHTS}, words, {exact}, {_BY_LENGTH}) + {_HAS_CODE}::int * 1000
        + 0.1 * ts_rank_cd({_WEIGHTS}, words, {found}, {_BY_LENGTH}))::float8 AS score
    FROM ({_unpacked("best")}) d
    UNION ALL SELECT product_id, -nth::float8 FROM matches WHERE nth > {RANKED})
{_page("matches", position, statement, limit)}"""


def any_word(
    conditions: Sequence[str], query: SearchQuery, statement: Statement, position: Position | None, limit: int
) -> str:
    """Return the page of products that have some of the words; those with more and rarer ones come first.

    Each word, and all but one of them, brings its own few candidates, so that a common word costs no more than a
    rare one; the best candidates by the rarity of what brought them are ranked.
    """
    where = " AND ".join(conditions)
    terms = [_tsquery(term, statement) for term in query.each_word]
    wider = [_tsquery(term, statement) for term in query.all_but_one]
    complete, code = _tsquery(query.all_words, statement), _code(query, statement)
    sources = [*terms, *wider, f"({complete} || {code})"]
    found = [
        f"c{i} AS MATERIALIZED (SELECT d.product_id FROM {_FROM} WHERE {where} AND d.search @@ {source}"
        f" LIMIT {CANDIDATES})"
        for i, source in enumerate(sources)
    ]
    rarities = ", ".join(f"(SELECT {_RARITY} FROM c{i}) AS r{i}" for i in range(len(sources)))
    brought = " UNION ALL ".join(f"SELECT product_id, r{i} AS r FROM c{i}, rarity" for i in range(len(sources)))
    words = " + ".join(f"(words @@ {term})::int * r{i}" for i, term in enumerate(terms))
    return f"""
WITH {_coded(code)}, {", ".join(found)},
rarity AS MATERIALIZED (SELECT {rarities}),
best AS MATERIALIZED (
    SELECT product_id FROM ({brought}) b GROUP BY product_id ORDER BY sum(r) DESC, product_id LIMIT {RANKED}),
ranked AS (
    SELECT product_id, ({_HAS_CODE}::int * 1000 + (words @@ {complete})::int * 100 + {words}
        + ts_rank_cd({_WEIGHTS}, words, {" || ".join(terms)}, {_BY_LENGTH}))::float8 AS score
    FROM ({_unpacked("best")}) d, rarity)
{_page("best", position, statement, limit)}"""


def _coded(code: str) -> str:
    """Return the CTE of the products that have the whole search as an SKU or barcode."""
    return f"coded AS MATERIALIZED (SELECT d.product_id FROM {_FROM} WHERE d.search @@ {code} LIMIT {CODED})"


def _unpacked(source: str) -> str:
    """Return the documents of `source` with their words read out of TOAST once, not for each comparison."""
    return (
        f"SELECT d.product_id, d.search || ''::tsvector AS words FROM {source} JOIN {_FROM} USING (product_id) OFFSET 0"
    )


def _page(source: str, position: Position | None, statement: Statement, limit: int) -> str:
    after = _after("score", RELEVANCE, position, statement, key="product_id")
    return f""", page AS (
    SELECT product_id, score AS k FROM ranked WHERE true{after}
    ORDER BY k DESC, product_id DESC LIMIT {statement.add(limit)})
SELECT t.total, p.product_id, p.k, d.card
FROM (SELECT count(*) AS total FROM (SELECT FROM {source} LIMIT {COUNTED + 1}) c) t
LEFT JOIN page p ON true LEFT JOIN {_FROM} ON d.product_id = p.product_id
ORDER BY p.k DESC, p.product_id DESC"""


def _after(
    expression: str, sort: str, position: Position | None, statement: Statement, *, key: str = "d.product_id"
) -> str:
    if position is None:
        return ""
    order = SORTS[sort]
    compare = "<" if order.is_descending else ">"
    at = f"({statement.add(position.key)}::{order.kind}, {statement.add(position.product_id)}::uuid)"
    return f" AND ({expression}, {key}) {compare} {at}"


def _tsquery(text: str, statement: Statement) -> str:
    return f"to_tsquery('english', {statement.add(text)}::text)"


def _code(query: SearchQuery, statement: Statement) -> str:
    escaped = query.code.replace("\\", "\\\\").replace("'", "''")
    return statement.add(f"'{escaped}'") + "::text::tsquery"
