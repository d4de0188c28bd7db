"""The audit log for those who look into it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from feria_admin.cursors import moment_and_id
from feria_admin.schemas_audit import AuditQuery, AuditRow
from feria_core import audit_log, db
from feria_core.audit_log import AuditFilter
from feria_core.http import Page, encode_cursor

HEADER = tuple(AuditRow.model_fields)
BATCH = 1000


async def listed(query: AuditQuery) -> Page[AuditRow]:
    """Return one page, the latest first. Raises BadRequest for a foreign cursor."""
    before = moment_and_id(query.cursor)
    rows = await audit_log.page(_filter(query), before=before, limit=query.limit + 1)
    shown = [_shown(row) for row in rows[: query.limit]]
    end = encode_cursor(shown[-1].at.isoformat(), shown[-1].id) if len(rows) > query.limit else None
    return Page(items=shown, next_cursor=end)


async def exported(query: AuditQuery) -> AsyncIterator[Sequence[Any]]:
    """Give every row of the filter in the order of HEADER, the latest first, a thousand at a time."""
    before = None
    while rows := await audit_log.page(_filter(query), before=before, limit=BATCH):
        for row in rows:
            yield [row[name].isoformat() if name == "at" else row[name] for name in HEADER]
        before = rows[-1]["at"], rows[-1]["id"]


def _filter(query: AuditQuery) -> AuditFilter:
    return AuditFilter(
        actor=query.actor, action=query.action, object_type=query.object_type, object_id=query.object_id,
        since=query.since, until=query.until, text=query.text,
    )  # fmt: skip


def _shown(row: db.Row) -> AuditRow:
    values = {name: orjson.loads(row[name]) if row[name] is not None else None for name in ("before", "after")}
    return AuditRow(**{**row, **values})
