"""Bulk acts as staff see them: begun, looked at, cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import orjson

from feria_admin.bulk import repository as rows
from feria_admin.bulk.schemas import BulkBody, BulkErrorOut, BulkOut
from feria_admin.cursors import only_id
from feria_admin.errors import BulkOver, BulkUnknown
from feria_core import acts, audit, clock, db
from feria_core.auth import current_principal, demand
from feria_core.contracts.admin import ADMIN_SECTIONS, Act, AdminSection
from feria_core.errors import BadRequest, Invalid
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.http.bodies import validate
from feria_core.http.request import client_address, locale, request_id
from feria_core.ids import new_id
from feria_core.jobs import enqueue
from feria_core.runtime import registry

RUN = "admin.run_bulk"
BATCH = 1000


def act_of(section_name: str, name: str) -> tuple[AdminSection, Act]:
    """Return the section and its act that is for many. Raises Invalid where there is none."""
    section = next((each for each in registry().all(ADMIN_SECTIONS) if each.name == section_name), None)
    if section is None:
        raise Invalid.field("body", "section", code="unknown_section", message="No enabled module has that section.")
    found = [act for act in (section.edit, *section.acts) if act is not None and act.bulk and act.name == name]
    if not found:
        known = [act.name for act in (section.edit, *section.acts) if act is not None and act.bulk]
        message = f"Acts of '{section_name}' that are for many: {', '.join(known) or 'none'}."
        raise Invalid.field("body", "act", code="unknown_act", message=message)
    return section, found[0]


async def begin(body: BulkBody) -> BulkOut:
    """Begin an act on many things. Raises Invalid for what its route would refuse of all, Forbidden."""
    section, act = act_of(body.section, body.act)
    principal = current_principal()
    for method, path in ((act.method, act.path), *([("GET", section.list_path)] if body.query is not None else ())):
        spec = acts.declared(method, path)
        if spec is None:
            raise Invalid.field("body", "act", code="unknown_act", message=f"Nothing is served at {path} here.")
        demand(spec.access, principal)
        if method == act.method and spec.body is not None:
            validate(spec.body, body.body or {}, where="body")
        elif spec.query is not None and method == "GET":
            validate(spec.query, body.query or {}, where="query")
    now, bulk_id = clock.now(), new_id()
    async with db.transaction():
        await rows.add(
            {
                "id": bulk_id,
                "section": body.section,
                "act": body.act,
                "body": orjson.dumps(body.body or {}).decode(),
                "query": orjson.dumps(body.query).decode() if body.query is not None else None,
                "state": "choosing" if body.query is not None else "running",
                "actor_kind": principal.kind,
                "actor_id": principal.id,
                "address": client_address(),
                "request_id": request_id(),
                "locale": locale(),
                "created_at": now,
            }
        )
        if body.keys is not None:
            keys = list(dict.fromkeys(body.keys))
            await rows.add_rows(bulk_id, keys, ["waiting"] * len(keys))
        await enqueue(RUN, bulk_id=str(bulk_id))
        after = {"section": body.section, "act": body.act, "query": body.query, "count": len(body.keys or ())}
        await audit.record("bulk.begun", "bulk", bulk_id, after=after)
        return await find(bulk_id)


async def find(bulk_id: UUID | None) -> BulkOut:
    """Return one. Raises BulkUnknown."""
    row = await rows.one(bulk_id) if bulk_id else None
    if row is None:
        raise BulkUnknown
    return _shown(row)


async def listed(cursor: str | None, limit: int) -> Page[BulkOut]:
    """Return one page, the latest first."""
    found = await rows.page(before=only_id(cursor), limit=limit + 1)
    shown = [_shown(row) for row in found[:limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(found) > limit else None)


async def cancel(bulk_id: UUID | None) -> BulkOut:
    """Leave undone what is not done yet. Raises BulkUnknown, BulkOver."""
    async with db.transaction():
        row = await rows.cancel(bulk_id, None, now=clock.now()) if bulk_id else None
        if row is None:
            await find(bulk_id)
            raise BulkOver
        await audit.record("bulk.cancelled", "bulk", row["id"], after={"done": row["done"], "failed": row["failed"]})
        return _shown(row)


async def errors(bulk_id: UUID | None, cursor: str | None, limit: int) -> Page[BulkErrorOut]:
    """Return what failed, in its order. Raises BulkUnknown."""
    known = (await find(bulk_id)).id
    position = decode_cursor(cursor, 1)
    after = position[0] if position else None
    if after is not None and (not isinstance(after, int) or not 0 <= after < 2**31):
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    found = await rows.errors(known, after=after, limit=limit + 1)
    shown = [BulkErrorOut(**row) for row in found[:limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].position) if len(found) > limit else None)


async def exported(bulk_id: UUID) -> AsyncIterator[Sequence[Any]]:
    """Give what failed, a thousand at a time: position, key, code, reason."""
    after = None
    while found := await rows.errors(bulk_id, after=after, limit=BATCH):
        for row in found:
            yield tuple(row.values())
        after = found[-1]["position"]


def _shown(row: db.Row) -> BulkOut:
    settled = row["done"] + row["failed"] + row["skipped"]
    progress = round(settled / row["total"], 4) if row["total"] else float(row["state"] == "done")
    return BulkOut(**{**row, "progress": progress if row["state"] != "choosing" else 0.0})
