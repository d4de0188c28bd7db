"""Codes for staff: one by one, or up to a million at random, and out as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.errors import Invalid
from feria_core.http import PageQuery, decode_cursor, encode_cursor
from feria_core.ids import new_id, parse_id
from feria_core.jobs import enqueue
from feria_promotions import live
from feria_promotions.errors import CodeTaken
from feria_promotions.folding import folded, made_up
from feria_promotions.schemas import CodeBatchOut, CodeOut, CodesBody, CodesMade, CodesOut
from feria_promotions.staff import promotions

# So many are made while the request waits; more become a job.
AT_ONCE = 1_000
# Codes in one transaction: a few megabytes, and a fraction of a second.
BATCH = 10_000
_SHOWN_BATCHES = 10
_COLUMNS = "id, code, usage_limit, used, customer_id, ends_at, created_at"
# Ordered, so that two batches that met the same codes would wait in one direction only.
_INSERT = """
INSERT INTO promotions_code (id, promotion_id, batch_id, code, folded, usage_limit, customer_id, ends_at, created_at)
SELECT n.id, $1, $2, n.code, n.folded, $6, $7, $8, $9
FROM unnest($3::uuid[], $4::text[], $5::text[]) AS n (id, code, folded) ORDER BY n.folded
ON CONFLICT (folded) DO NOTHING
"""


async def listed(promotion_id: str, query: PageQuery) -> CodesOut:
    """Return a page of the promotion's codes, newest first. Raises PromotionUnknown."""
    promotion = await promotions.find(promotion_id)
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await db.fetch_all(
        f"SELECT {_COLUMNS} FROM promotions_code WHERE promotion_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        promotion.id, before, query.limit + 1,
    )  # fmt: skip
    shown = rows[: query.limit]
    batches = await db.fetch_all(
        "SELECT id, wanted, made, prefix FROM promotions_code_batch WHERE promotion_id = $1 ORDER BY id DESC LIMIT $2",
        promotion.id, _SHOWN_BATCHES,
    )  # fmt: skip
    return CodesOut(
        items=[_code_out(row) for row in shown],
        batches=[_batch_out(row) for row in batches],
        next_cursor=encode_cursor(str(shown[-1]["id"])) if len(rows) > query.limit else None,
    )


async def create(promotion_id: str, body: CodesBody) -> CodesMade:
    """Make the code or the codes; of more than AT_ONCE the batch that a job fills.

    From its first code on the promotion needs one. Raises PromotionUnknown, CodeTaken, Invalid.
    """
    async with db.transaction():
        promotion = await promotions.lock(promotion_id)
        if not promotion["needs_code"]:
            await db.execute("UPDATE promotions_promotion SET needs_code = true WHERE id = $1", promotion["id"])
            await live.touch()
        made = await _one(promotion["id"], body) if body.code is not None else await _many(promotion["id"], body)
        after = {"code": body.code, "count": made.count, "prefix": body.prefix, "usage_limit": body.usage_limit}
        await audit.record("promotions.codes.created", "promotion", promotion["id"], after=after)
        return made


async def fill(batch_id: UUID) -> bool:
    """Make the next codes of a batch; False where none are missing any more. One transaction, safe to repeat."""
    async with db.transaction():
        batch = await db.fetch_one("SELECT * FROM promotions_code_batch WHERE id = $1 FOR UPDATE", batch_id)
        if batch is None or batch["made"] >= batch["wanted"]:
            return False
        wanted = min(BATCH, batch["wanted"] - batch["made"])
        # What collides is simply not made: the next round makes up for it.
        made = await _insert(
            batch["promotion_id"], batch_id, wanted, batch["prefix"], usage_limit=batch["usage_limit"],
            customer_id=batch["customer_id"], ends_at=batch["ends_at"],
        )  # fmt: skip
        await db.execute("UPDATE promotions_code_batch SET made = made + $2 WHERE id = $1", batch_id, made)
        return bool(batch["made"] + made < batch["wanted"])


async def as_csv(promotion_id: UUID) -> AsyncIterator[bytes]:
    """Give the promotion's codes as CSV, a few thousand at a time, oldest first."""
    yield b"code,usage_limit,used,ends_at\r\n"
    last: UUID | None = None
    while rows := await db.fetch_all(
        "SELECT id, code, usage_limit, used, ends_at FROM promotions_code WHERE promotion_id = $1"
        " AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        promotion_id, last, BATCH,
    ):  # fmt: skip
        yield "".join(_csv_line(row) for row in rows).encode()
        last = rows[-1]["id"]


async def _one(promotion_id: UUID, body: CodesBody) -> CodesMade:
    text = body.code or ""
    key = folded(text)
    if not key or not text.isprintable():
        raise Invalid.field("body", "code", code="no_letters", message="A code has letters or digits, at most 64.")
    code_id = new_id()
    made = await _put(
        promotion_id, None, [(code_id, text, key)], body.usage_limit, _uuid(body.customer_id), body.ends_at
    )
    if not made:
        raise CodeTaken(text)
    row = await db.fetch_one(f"SELECT {_COLUMNS} FROM promotions_code WHERE id = $1", code_id)
    assert row is not None  # noqa: S101 - inserted above
    return CodesMade(id=code_id, promotion_id=promotion_id, code=text, count=1, items=[_code_out(row)])


async def _many(promotion_id: UUID, body: CodesBody) -> CodesMade:
    if body.prefix and not (folded(body.prefix) and body.prefix.isprintable()):
        raise Invalid.field("body", "prefix", code="no_letters", message="A prefix has letters or digits.")
    count = body.count or 0
    batch_id = new_id()
    await db.execute(
        "INSERT INTO promotions_code_batch (id, promotion_id, wanted, prefix, usage_limit, customer_id, ends_at,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        batch_id, promotion_id, count, body.prefix, body.usage_limit, _uuid(body.customer_id), body.ends_at,
        clock.now(),
    )  # fmt: skip
    items: list[CodeOut] = []
    if count > AT_ONCE:
        await enqueue("promotions.generate_codes", batch_id=str(batch_id))
    else:
        while await fill(batch_id):
            pass
        rows = await db.fetch_all(
            f"SELECT {_COLUMNS} FROM promotions_code WHERE promotion_id = $1 AND batch_id = $2 ORDER BY id",
            promotion_id, batch_id,
        )  # fmt: skip
        items = [_code_out(row) for row in rows]
    batch = CodeBatchOut(
        id=batch_id, wanted=count, made=len(items), prefix=body.prefix, state="done" if items else "running"
    )
    return CodesMade(id=batch_id, promotion_id=promotion_id, count=count, items=items, batch=batch)


async def _insert(promotion_id: UUID, batch_id: UUID, count: int, prefix: str, **terms: Any) -> int:
    rows = [(new_id(), code, key) for code, key in made_up(prefix, count)]
    return await _put(promotion_id, batch_id, rows, terms["usage_limit"], terms["customer_id"], terms["ends_at"])


async def _put(
    promotion_id: UUID,
    batch_id: UUID | None,
    rows: list[tuple[UUID, str, str]],
    usage_limit: int | None,
    customer_id: UUID | None,
    ends_at: datetime | None,
) -> int:
    """Insert the codes that are free; return how many were."""
    ids, codes, keys = zip(*rows, strict=True)
    return await db.execute(
        _INSERT, promotion_id, batch_id, list(ids), list(codes), list(keys), usage_limit, customer_id, ends_at,
        clock.now(),
    )  # fmt: skip


def _csv_line(row: db.Row) -> str:
    ends_at = row["ends_at"].isoformat() if row["ends_at"] else ""
    limit = "" if row["usage_limit"] is None else row["usage_limit"]
    return f"{_cell(row['code'])},{limit},{row['used']},{ends_at}\r\n"


def _cell(text: str) -> str:
    """Return the text as a cell that a spreadsheet takes for text."""
    plain = f"'{text}" if text[:1] in "=+-@\t\r" else text
    quoted = plain.replace('"', '""')
    return f'"{quoted}"' if any(letter in plain for letter in ',"\r\n') else plain


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _code_out(row: db.Row) -> CodeOut:
    return CodeOut(**dict(row))


def _batch_out(row: db.Row) -> CodeBatchOut:
    state = "done" if row["made"] >= row["wanted"] else "running"
    return CodeBatchOut(id=row["id"], wanted=row["wanted"], made=row["made"], prefix=row["prefix"], state=state)
