"""Reading the audit log: pages for those who look into it, and the proof that nobody has changed it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import db

BATCH = 5000
# As many places as a person looks at; what follows a hole is checked all the same.
TOLD = 20
# What is hashed of a row. Written here too: whoever could change rows could change the database's own function.
_LINE = """jsonb_build_array(
    a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), a.actor_kind, a.actor_id, a.action,
    a.object_type, a.object_id, a.before, a.after, a.address, a.request_id)::text"""


@dataclass(frozen=True)
class AuditFilter:
    """Which rows: None asks for all. `text` stands somewhere in action, object or values; `until` is excluded."""

    actor: str | None = None
    action: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


async def page(wanted: AuditFilter, *, before: tuple[datetime, UUID] | None, limit: int) -> Sequence[db.Row]:
    """Return rows, the latest first, from the one after `before` on; `before` and `after` of a row are JSON text.

    An action that ends in ".*" asks for all that begin so.
    """
    return await db.fetch_all(
        """
        SELECT id, at, actor_kind, actor_id, action, object_type, object_id, before::text AS before,
               after::text AS after, address, request_id FROM core_audit
        WHERE ($1::text IS NULL OR actor_id = $1)
          AND ($2::text IS NULL OR action = $2 OR ($2 LIKE '%.*' AND starts_with(action, left($2, -1))))
          AND ($3::text IS NULL OR object_type = $3) AND ($4::text IS NULL OR object_id = $4)
          AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
          AND ($7::text IS NULL OR strpos(
               lower(concat_ws(' ', action, object_type, object_id, before::text, after::text)), lower($7)) > 0)
          AND ($8::timestamptz IS NULL OR (at, id) < ($8, $9::uuid))
        ORDER BY at DESC, id DESC LIMIT $10
        """,
        wanted.actor, wanted.action, wanted.object_type, wanted.object_id, wanted.since, wanted.until, wanted.text,
        *(before or (None, None)), limit,
    )  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What `verify` has found: nothing in `breaks` means that every row is as it was written.

    `seq` and `head` (hex) are the chain's end; kept elsewhere they show a chain that was written anew as a whole.
    """

    rows: int
    seq: int
    head: str
    breaks: tuple[str, ...]


async def verify(*, anchor: tuple[int, str] | None = None) -> Verdict:
    """Follow the chain from its beginning, in one snapshot, and say where it breaks.

    `anchor` is the end that an earlier call has returned. Not for a caller's transaction.
    """
    async with db.transaction():
        await db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        walk = _Walk(anchor)
        while rows := await _batch(walk.seen):
            for row in rows:
                walk.step(row)
        head = await db.fetch_one("SELECT seq, hash FROM core_audit_head WHERE id = 1")
        walk.end(head, await _unchained(), await _count())
    return Verdict(walk.rows, walk.seq, walk.hash.hex(), tuple(walk.breaks[:TOLD]))


async def _batch(after: int) -> Sequence[db.Row]:
    return await db.fetch_all(
        f"SELECT c.seq, c.audit_id, c.hash, a.id IS NOT NULL AS is_there, a.at, a.action, {_LINE} AS line"
        " FROM core_audit_chain c LEFT JOIN core_audit a ON a.id = c.audit_id"
        " WHERE c.seq > $1 ORDER BY c.seq LIMIT $2",
        after, BATCH,
    )  # fmt: skip


async def _unchained() -> Sequence[db.Row]:
    return await db.fetch_all(
        "SELECT a.id, a.at, a.action FROM core_audit a"
        " WHERE NOT EXISTS (SELECT FROM core_audit_chain c WHERE c.audit_id = a.id) ORDER BY a.at, a.id LIMIT $1",
        TOLD,
    )


async def _count() -> int:
    found: int = await db.fetch_value("SELECT count(*) FROM core_audit")
    return found


class _Walk:
    """Where the check stands in the chain, and what it has found."""

    def __init__(self, anchor: tuple[int, str] | None) -> None:
        self.anchor = anchor
        self.seen = -1
        self.seq, self.hash = 0, b""
        self.rows = 0
        self.breaks: list[str] = []

    def step(self, row: db.Row) -> None:
        """Check one entry. The next one is checked against what is stored, so that one change is told once."""
        if row["seq"] != self.seq + 1:
            self.breaks.append(f"entries {self.seq + 1} to {row['seq'] - 1} are gone")
        elif not row["is_there"]:
            self.breaks.append(f"entry {row['seq']}: the row {row['audit_id']} was deleted")
        elif hashlib.sha256(self.hash + row["line"].encode()).digest() != bytes(row["hash"]):
            self.breaks.append(
                f"entry {row['seq']}: the row {row['audit_id']} ({row['action']}, {row['at'].isoformat()}) was changed"
            )
        self.seq, self.hash = row["seq"], bytes(row["hash"])
        self.seen = max(self.seen, self.seq)
        if self.anchor is not None and self.anchor == (self.seq, self.anchor[1]) and self.hash.hex() != self.anchor[1]:
            self.breaks.append(f"entry {self.seq}: the hash is not the one that was noted, the chain was written anew")

    def end(self, head: db.Row | None, unchained: Sequence[db.Row], rows: int) -> None:
        """Check the end of the chain, and that every row is in it."""
        self.rows = rows
        stands = (head["seq"], bytes(head["hash"])) if head else (0, b"")
        if stands != (self.seq, self.hash):
            self.breaks.append(f"the chain ends with entry {self.seq}, but {stands[0]} were written: the end is gone")
        if self.anchor is not None and self.anchor[0] > self.seq:
            self.breaks.append(f"entry {self.anchor[0]}, which was noted, is gone: the chain ends with {self.seq}")
        self.breaks += [
            f"the row {row['id']} ({row['action']}, {row['at'].isoformat()}) is not in the chain" for row in unchained
        ]
