"""Synonyms as staff keep them."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from feria_catalog.documents.writing import LISTS
from feria_catalog.search.errors import SynonymTaken, TooManySynonyms
from feria_catalog.search.schemas import SynonymBody, SynonymOut, SynonymPage, SynonymPatch, SynonymQuery
from feria_catalog.search.words import words
from feria_core import audit, cache, clock, db
from feria_core.db import Row
from feria_core.errors import BadRequest, NotFound
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import new_id, parse_id

# Every process keeps them all.
MAX_SYNONYMS = 5000
_COLUMNS = "id, term, synonyms, is_two_way AS two_way, created_at, updated_at"
_LIST = f"""
SELECT {_COLUMNS}, term_key FROM catalog_synonym
WHERE term_key COLLATE "C" > $1 AND starts_with(term_key, $2) ORDER BY term_key COLLATE "C" LIMIT $3
"""
_ADD = f"""
INSERT INTO catalog_synonym (id, term, synonyms, is_two_way, term_key, created_at, updated_at)
VALUES ($1, $2, $3::text[], $4, $5, $6, $6) RETURNING {_COLUMNS}
"""
_EDIT = f"""
UPDATE catalog_synonym SET term = $2, synonyms = $3::text[], is_two_way = $4, term_key = $5, updated_at = $6,
    changed_xid = pg_current_xact_id()
WHERE id = $1 RETURNING {_COLUMNS}
"""


async def page(query: SynonymQuery) -> SynonymPage:
    """Return synonyms by term. Raises BadRequest for a cursor of another list."""
    parts = decode_cursor(query.cursor, 1)
    after = parts[0] if parts else ""
    if not isinstance(after, str) or "\x00" in after:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    rows = await db.fetch_all(_LIST, after, _key(query.q or ""), query.limit + 1)
    shown = rows[: query.limit]
    following = encode_cursor(shown[-1]["term_key"]) if len(rows) > query.limit else None
    return SynonymPage(items=[_out(row) for row in shown], next_cursor=following)


async def create(body: SynonymBody) -> SynonymOut:
    """Create synonyms of a term. Raises SynonymTaken, TooManySynonyms."""
    async with db.transaction():
        if await db.fetch_value("SELECT count(*) FROM catalog_synonym") >= MAX_SYNONYMS:
            raise TooManySynonyms(MAX_SYNONYMS)
        row = await _stored(_ADD, new_id(), body)
        created = _out(row)
        await audit.record("catalog.synonym.created", "synonym", created.id, after=_audited(created))
        cache.touch(LISTS)
        return created


async def edit(key: str, patch: SynonymPatch) -> SynonymOut:
    """Change what is named. Raises NotFound, SynonymTaken."""
    async with db.transaction():
        before = await _locked(key)
        wanted = SynonymBody(
            term=patch.term if patch.term is not None else before.term,
            synonyms=patch.synonyms if patch.synonyms is not None else before.synonyms,
            two_way=patch.two_way if patch.two_way is not None else before.two_way,
        )
        after = _out(await _stored(_EDIT, before.id, wanted))
        await audit.record(
            "catalog.synonym.edited", "synonym", after.id, before=_audited(before), after=_audited(after)
        )
        cache.touch(LISTS)
        return after


async def delete(key: str) -> None:
    """Delete the synonyms of a term. Raises NotFound."""
    async with db.transaction():
        before = await _locked(key)
        await db.execute("DELETE FROM catalog_synonym WHERE id = $1", before.id)
        await audit.record("catalog.synonym.deleted", "synonym", before.id, before=_audited(before))
        cache.touch(LISTS)


async def _locked(key: str) -> SynonymOut:
    synonym_id = parse_id(key)
    row = None
    if synonym_id is not None:
        row = await db.fetch_one(f"SELECT {_COLUMNS} FROM catalog_synonym WHERE id = $1 FOR UPDATE", synonym_id)
    if row is None:
        raise NotFound(f"There are no synonyms {key[:100]}: GET /api/admin/synonyms lists them.")
    return _out(row)


async def _stored(sql: str, synonym_id: UUID, body: SynonymBody) -> Row:
    values = (synonym_id, body.term, body.synonyms, body.two_way, _key(body.term), clock.now())
    try:
        async with db.savepoint():
            row = await db.fetch_one(sql, *values)
    except asyncpg.UniqueViolationError as error:
        raise SynonymTaken(body.term) from error
    assert row is not None  # noqa: S101 - inserted, or locked before
    return row


def _key(term: str) -> str:
    return " ".join(words(term))


def _out(row: Row) -> SynonymOut:
    return SynonymOut(**{name: row[name] for name in SynonymOut.model_fields})


def _audited(synonym: SynonymOut) -> dict[str, object]:
    return synonym.model_dump(mode="json", exclude={"id", "created_at", "updated_at"})
