"""Subscribing: the request says nothing about an address, a worker looks at it, the owner confirms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from feria_core import clock, db, limits, mail
from feria_core.errors import Invalid, RateLimited
from feria_core.http.request import client_address, locale
from feria_core.ids import new_id, new_token, token_hash
from feria_core.jobs import JobContext, enqueue
from feria_core.limits import Limit
from feria_core.runtime import settings
from feria_landing.addresses import EmailAddress
from feria_landing.fields import address_of
from feria_landing.newsletter import links, repository
from feria_landing.newsletter.proof import address_hash
from feria_landing.newsletter.schemas import SubscribeBody
from feria_landing.newsletter.suppression import is_suppressed
from feria_landing.settings import LandingSettings

HOUR_S, DAY_S = 3600, 24 * 3600


async def take(body: SubscribeBody) -> None:
    """Note the request; the same statements for any address. Raises Invalid for unknown lists, RateLimited."""
    lists = chosen_lists(body.lists)
    address = address_of(body.email)
    who = limits.address_key(client_address() or "")
    limit = settings(LandingSettings).subscribes_per_hour
    await limits.hit(Limit("landing.subscribe", limit=limit, window_s=HOUR_S), who)
    signup_id = new_id()
    async with db.transaction():
        await repository.add_signup(signup_id, body.email, address.key, lists, locale(), address_hash(signup_id))
        await enqueue("landing.handle_signup", signup_id=str(signup_id))


def chosen_lists(lists: Sequence[str] | None) -> list[str]:
    """Return the lists, the usual one where none is named. Raises Invalid for unknown ones."""
    known = settings(LandingSettings).lists
    chosen = list(dict.fromkeys(lists or [])) or [next(iter(known))]
    for code in chosen:
        if code not in known:
            message = f"There is no newsletter '{code[:40]}': GET /api/subscribe/lists names them."
            raise Invalid.field("body", "lists", code="unknown_list", message=message)
    return chosen


async def handle(ctx: JobContext, signup_id: UUID) -> None:
    """Do what was asked for: mail a link to confirm, or tell that nothing is to be done; repeats safely."""
    async with ctx.effect():
        signup = await repository.take_signup(signup_id)
        if signup is None:
            return
        address = address_of(signup["email"])
        # The same lock that suppressing takes, so that nobody is mailed who was suppressed meanwhile.
        await repository.lock_address(address)
        if await is_suppressed(address) or not await _may_be_mailed(address):
            return
        known = await repository.by_key(address.key, lock=True)
        if known is not None and known["status"] == "confirmed" and set(signup["lists"]) <= set(known["lists"]):
            await _tell_subscribed(known, address)
            return
        await _ask_to_confirm(signup, address)


async def _may_be_mailed(address: EmailAddress) -> bool:
    """Count the mail; False past so many a day: nobody's mailbox is flooded by somebody else."""
    most = settings(LandingSettings).confirm_mails_per_day
    try:
        await limits.hit(Limit("landing.confirm_mail", limit=most, window_s=DAY_S), address.hash.hex())
    except RateLimited:
        return False
    return True


async def _ask_to_confirm(signup: db.Row, address: EmailAddress) -> None:
    now, hours = clock.now(), settings(LandingSettings).confirm_hours
    subscription_id = await repository.ensure_subscription(signup, address.key, new_token(), now)
    token = new_token()
    await repository.add_confirmation(
        token_hash(token), subscription_id, signup["lists"], now + timedelta(hours=hours)
    )  # fmt: skip
    await repository.add_consent(
        subscription_id, "requested", signup["lists"], consent_id=signup["id"], address_hash=signup["address_hash"]
    )
    await mail.send(
        "landing/confirm", to=address.deliverable,
        context={"link": links.confirm(token), "hours": hours, "lists": links.names(signup["lists"])},
        locale=signup["locale"],
    )  # fmt: skip


async def _tell_subscribed(known: db.Row, address: EmailAddress) -> None:
    link = links.unsubscribe(known["unsubscribe_token"])
    await mail.send(
        "landing/already_subscribed", to=address.deliverable,
        context={"link": link, "lists": links.names(known["lists"])}, locale=known["locale"],
    )  # fmt: skip
