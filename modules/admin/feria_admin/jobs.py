"""The jobs of admin: events become deliveries, deliveries are tried until they are taken or given up."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from feria_admin.analytics import keeping
from feria_admin.bulk import repository as bulk_rows
from feria_admin.bulk import running
from feria_admin.repository import webhooks as rows
from feria_admin.service import sending
from feria_admin.service.webhooks import DELIVER
from feria_core import clock, db, events
from feria_core.contracts.users import PEOPLE
from feria_core.ids import new_id
from feria_core.jobs import JobContext, Later, enqueue
from feria_core.mail import send
from feria_core.runtime import registry

# After each failed try: ten tries in all, the last nearly 26 hours after the first.
WAITS_S = (5, 30, 120, 600, 1800, 7200, 18000, 28800, 36000)
MOST_FAILURES_IN_A_ROW = 15
KEPT_FOR = timedelta(days=30)
BITE = 5000


async def relay_event(ctx: JobContext, *, event_id: str) -> None:
    """Make a delivery for each webhook that wants the event."""
    event = await events.stored(UUID(event_id))
    async with ctx.effect():
        for webhook in await rows.hearing(event.name) if event else ():
            delivery_id = new_id()
            if event and await rows.add_delivery(delivery_id, webhook["id"], event.name, event.id, clock.now()):
                await enqueue(DELIVER, delivery_id=str(delivery_id), number=1)


async def deliver_webhook(ctx: JobContext, *, delivery_id: str, number: int) -> None:
    """Try once; what the receiver does not take is tried again later, by the delivery's own count.

    A worker that dies after the receiver took it sends it again under the same id, which receivers look at.
    """
    row = await rows.to_send(UUID(delivery_id), number)
    if row is None or not row["is_active"]:
        return  # waits until it is switched on again, which begins another round
    now = clock.now()
    content = await _content(row)
    if content is None:
        outcome = sending.Outcome(None, "event_gone", 0)
    else:
        outcome = await sending.post(row["url"], str(row["id"]), content, secrets=_secrets(row), now=now)
    wait_s = WAITS_S[row["tries"]] if row["tries"] < len(WAITS_S) else None
    if outcome.error is None:
        await _finish(ctx, row, number, outcome, state="delivered")
    elif wait_s is None or content is None:
        await _finish(ctx, row, number, outcome, state="failed")
    else:
        await _postpone(row, number, outcome, wait_s)
        raise Later(wait_s, f"the receiver did not take it: {outcome.error}")


async def mark_figures(ctx: JobContext, *, event_id: str) -> None:
    """Note which days an event has changed the figures of."""
    async with ctx.effect():
        await keeping.mark(UUID(event_id))


async def keep_figures(ctx: JobContext) -> None:
    """Sum the figures that have passed since the last time, and those that events have changed."""
    del ctx
    await keeping.listen()
    await keeping.keep()


async def rebuild_figures(ctx: JobContext, *, source: str) -> None:
    """Count a source again from its rows; broken off it goes on from where it was."""
    del ctx
    for each in keeping.sources():
        if each.name == source:
            async for _ in keeping.rebuilt(each):
                pass


async def run_bulk(ctx: JobContext, *, bulk_id: str) -> None:
    """Do an act to many things; what a worker that died has done stays done, and is done once."""
    await running.run(ctx, UUID(bulk_id))


async def sweep(ctx: JobContext) -> None:
    """Forget deliveries and bulk acts after thirty days."""
    del ctx
    await bulk_rows.sweep(clock.now() - KEPT_FOR)
    while await rows.sweep(clock.now() - KEPT_FOR, BITE) == BITE:
        pass


async def _content(row: db.Row) -> bytes | None:
    if row["event_id"] is None:
        return sending.body(row["event"], row["created_at"], {})
    event = await events.stored(row["event_id"])
    return sending.payload(event, is_personal=row["is_personal"]) if event else None


def _secrets(row: db.Row) -> list[str]:
    is_old_valid = row["old_secret"] is not None and row["old_secret_until"] > clock.now()
    return [row["secret"], row["old_secret"]] if is_old_valid else [row["secret"]]


async def _finish(ctx: JobContext, row: db.Row, number: int, outcome: sending.Outcome, *, state: str) -> None:
    async with ctx.effect():
        await _note(row, number, outcome, state=state, wait_s=None)


async def _postpone(row: db.Row, number: int, outcome: sending.Outcome, wait_s: int) -> None:
    async with db.transaction():
        await _note(row, number, outcome, state="pending", wait_s=wait_s)


async def _note(row: db.Row, number: int, outcome: sending.Outcome, *, state: str, wait_s: int | None) -> None:
    now = clock.now()
    next_at = now + timedelta(seconds=wait_s) if wait_s is not None else None
    if not await rows.settle(row["id"], number, state=state, next_at=next_at, now=now):
        return
    await rows.note_try(
        new_id(), row["id"], at=now, status=outcome.status, error=outcome.error, duration_ms=outcome.duration_ms
    )
    if outcome.error is None:
        await rows.note_success(row["webhook_id"])
        return
    is_gone = outcome.status == sending.GONE
    off = await rows.note_failure(row["webhook_id"], most=MOST_FAILURES_IN_A_ROW, is_gone=is_gone, now=now)
    if off is not None:
        await _tell_owner(off)


async def _tell_owner(webhook: db.Row) -> None:
    people = registry().find(PEOPLE)
    person = await people.person(webhook["owner_id"]) if people and webhook["owner_id"] else None
    if person is not None:
        context = {"name": person.name, "url": webhook["url"], "is_gone": webhook["off_reason"] == "gone"}
        await send("admin/webhook_off", to=person.email, locale=person.locale, context=context, person=person.id)
