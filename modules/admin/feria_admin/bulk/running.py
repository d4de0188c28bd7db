"""Doing a bulk act: thing by thing, each in one transaction with its audit row and the note that it is done."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog

from feria_admin.bulk import repository as rows
from feria_admin.bulk.service import RUN, act_of
from feria_core import acts, audit, clock, db
from feria_core.acts import Asking
from feria_core.auth import Principal
from feria_core.contracts.admin import Act, AdminSection
from feria_core.errors import FeriaError
from feria_core.jobs import JobContext, enqueue

log = structlog.get_logger("feria.admin")

MOST = 100_000
PAGE = 100
# A job ends after so long and another goes on, so that no worker is held by one for hours; rights are looked at anew.
BITE_S, RIGHTS_EVERY = 60.0, 50
# What PostgreSQL gave up for others' sake: asking again is right.
AGAIN = (*db.RETRYABLE, asyncpg.LockNotAvailableError)


async def run(ctx: JobContext, bulk_id: UUID) -> None:
    """Do as much as fits into a bite; the rest is another job's, begun with the end of this one."""
    ends = time.monotonic() + BITE_S
    while time.monotonic() < ends:
        row = await rows.one(bulk_id)
        if row is None or row["state"] in ("done", "cancelled"):
            return
        asking = await _asking(row)
        if asking is None:
            await rows.cancel(bulk_id, "actor_gone", now=clock.now())
            return
        # In a context of their own: what the acts know of who asks is not the job's.
        step = _choose if row["state"] == "choosing" else _do_some
        try:
            await asyncio.create_task(step(row, asking), context=contextvars.copy_context())
        except FeriaError as error:  # the list is not to be read any more, or the section is gone
            await rows.cancel(bulk_id, error.code, now=clock.now())
    async with ctx.effect():
        await enqueue(RUN, bulk_id=str(bulk_id))


async def _asking(row: db.Row) -> Asking | None:
    """Return who has begun it with what he holds now, or None where he is erased."""
    if row["actor_id"] is None:
        return None
    held = await acts.rights(row["actor_kind"], row["actor_id"])
    principal = Principal(row["actor_kind"], row["actor_id"], held)
    return Asking(principal, row["request_id"] or str(row["id"]), row["address"] or "", row["locale"])


async def _choose(row: db.Row, asking: Asking) -> None:
    """Read on in the section's list, and note the things that it gives; the page and how far it was are one commit."""
    section, act = act_of(row["section"], row["act"])
    async with db.transaction():
        locked = await rows.one(row["id"], lock=True)
        if locked is None or locked["state"] != "choosing":
            return
        if locked["total"] >= MOST:
            await rows.cancel(row["id"], "too_many", now=clock.now())
            return
        query: dict[str, Any] = {**orjson.loads(locked["query"]), "limit": PAGE}
        if locked["cursor"] is not None:
            query["cursor"] = locked["cursor"]
        page = _document(await acts.perform(asking, "GET", section.list_path, query=query))
        things = page["items"]
        states = ["waiting" if _applies(act, thing) else "skipped" for thing in things]
        await rows.add_rows(row["id"], [str(_member(thing, section.key)) for thing in things], states)
        await rows.note_chosen(row["id"], page.get("next_cursor"))


async def _do_some(row: db.Row, asking: Asking) -> None:
    """Do some of what waits; note the end where nothing does."""
    section, act = act_of(row["section"], row["act"])
    body = orjson.loads(row["body"])
    for _ in range(RIGHTS_EVERY):
        if not await _do_next(row["id"], section, act, body, asking):
            if not await rows.finish(row["id"], now=clock.now()):
                await asyncio.sleep(0.2)  # somebody else is at the last of it
            return


async def _do_next(bulk_id: UUID, section: AdminSection, act: Act, body: Any, asking: Asking) -> bool:
    """Do the next thing; False where none is left."""
    position, path = -1, ""
    try:
        async with db.transaction():
            found = await rows.next_row(bulk_id)
            if found is None:
                return False
            position, path = found["position"], _path(act, section, found["key"])
            await acts.perform(asking, act.method, path, body=body)
            await rows.settle(bulk_id, position)
    except FeriaError as error:
        await _note_failure(bulk_id, position, act.method, path, error.code, error.detail, error.status)
    except AGAIN:
        await asyncio.sleep(0.05)  # it waits still: the next look finds it again
    except Exception:
        # One thing that cannot be done must not keep the others from being done.
        log.exception("bulk.failed", bulk_id=str(bulk_id), position=position)
        await _note_failure(bulk_id, position, act.method, path, "internal_error", "This is a mistake of ours.", 500)
    return True


async def _note_failure(
    bulk_id: UUID, position: int, method: str, path: str, code: str, reason: str, status: int
) -> None:
    async with db.transaction():
        if await rows.settle(bulk_id, position, code=code, reason=reason[:500]):
            await audit.record("refused", "request", path, after={"method": method, "code": code, "status": status})


def _path(act: Act, section: AdminSection, key: str) -> str:
    return act.path.replace("{" + section.key + "}", key)


def _document(answer: Any) -> Mapping[str, Any]:
    """Return what a handler gives as JSON has it."""
    if isinstance(answer, bytes):
        answer = orjson.loads(answer)
    found: Mapping[str, Any] = answer.model_dump(mode="json") if hasattr(answer, "model_dump") else answer
    return found


def _applies(act: Act, thing: Mapping[str, Any]) -> bool:
    return act.when is None or str(_member(thing, act.when[0])) in act.when[1]


def _member(thing: Any, path: str) -> Any:
    for name in path.split("."):
        thing = thing.get(name) if isinstance(thing, Mapping) else None
    return thing
