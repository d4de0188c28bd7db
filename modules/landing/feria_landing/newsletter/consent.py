"""Confirming and ending a subscription, by the links of mails."""

from __future__ import annotations

from typing import Any

from feria_core import clock, db, mail
from feria_core.ids import token_hash
from feria_core.jobs import enqueue
from feria_landing.errors import LinkInvalid
from feria_landing.fields import address_of
from feria_landing.newsletter import proof, repository
from feria_landing.newsletter.schemas import ConfirmedOut, StandingOut
from feria_landing.newsletter.suppression import is_suppressed

# What waits for somebody who has gone is taken back; the answer to a message of theirs is not.
NEWSLETTER_MAILS = ("landing/newsletter", "landing/confirm", "landing/already_subscribed")


async def confirm(token: str) -> ConfirmedOut:
    """Let the subscription hold. Raises LinkInvalid for a link that was used, has expired or is none."""
    async with db.transaction():
        row = await repository.by_confirmation(token_hash(token))
        if row is None:
            raise LinkInvalid
        await repository.lock_address(address_of(row["email"]))
        used = await repository.use_confirmation(token_hash(token), clock.now())
        if used is None or await is_suppressed(address_of(row["email"])):
            raise LinkInvalid
        lists = await repository.confirm(row["id"], used["lists"], clock.now())
        await proof.note(row["id"], "confirmed", used["lists"])
        await enqueue("landing.tell_services", subscription_id=str(row["id"]))
        return ConfirmedOut(lists=lists)


async def standing(token: str) -> StandingOut:
    """Return how things stand for the owner of a link; it changes nothing, so that scanners of mail may follow it.

    Raises LinkInvalid.
    """
    row = await repository.by_token(token)
    if row is None:
        raise LinkInvalid
    return StandingOut(status="subscribed" if row["status"] == "confirmed" else "unsubscribed", lists=row["lists"])


async def unsubscribe(token: str) -> StandingOut:
    """End the subscription and take back what still waits to be mailed; repeats safely. Raises LinkInvalid."""
    async with db.transaction():
        row = await repository.by_token(token)
        if row is None:
            raise LinkInvalid
        await repository.lock_address(address_of(row["email"]))
        row = await repository.by_id(row["id"], lock=True)
        if row is None:
            raise LinkInvalid
        await end(row, action="unsubscribed")
        return StandingOut(status="unsubscribed", lists=[])


async def end(row: Any, *, action: str) -> None:
    """End a locked subscription in the caller's transaction, with a line in the proof of consent."""
    await mail.withdraw(address_of(row["email"]).deliverable, NEWSLETTER_MAILS)
    if row["status"] == "unsubscribed":
        return
    await repository.end(row["id"], clock.now())
    await proof.note(row["id"], action, row["lists"])
    await enqueue("landing.tell_services", subscription_id=str(row["id"]))
