"""Taking a message: limited by client address, stored and mailed in one transaction."""

from __future__ import annotations

from email.utils import parseaddr

from feria_core import clock, db, limits, mail
from feria_core.http.request import client_address, locale
from feria_core.ids import new_id
from feria_core.limits import Limit
from feria_core.runtime import core_settings, settings
from feria_landing.addresses import EmailAddress
from feria_landing.contact import repository
from feria_landing.contact.schemas import ContactBody
from feria_landing.fields import address_of
from feria_landing.newsletter.suppression import is_suppressed
from feria_landing.settings import LandingSettings

HOUR_S = 3600


async def take(body: ContactBody) -> None:
    """Store the message, mail it to the team and acknowledge it. Raises RateLimited.

    What fills the hidden field is answered as any other and forgotten; it does not count either, since people behind
    the same address would pay for it. A message that could not be stored does not count.
    """
    if body.website:
        return
    limit = Limit("landing.contact", limit=settings(LandingSettings).contacts_per_hour, window_s=HOUR_S)
    who = limits.address_key(client_address() or "")
    await limits.hit(limit, who)
    try:
        await _store(body, address_of(body.email))
    except BaseException:
        await limits.give_back(limit, who)
        raise


async def _store(body: ContactBody, sender: EmailAddress) -> None:
    contact_id = new_id()
    async with db.transaction():
        await repository.add(
            contact_id, body.name, body.email, sender.key, body.subject, body.message, locale(), clock.now()
        )  # fmt: skip
        await mail.send(
            "landing/contact", to=team_address(),
            context={"name": body.name, "email": body.email, "subject": body.subject, "message": body.message},
            locale=core_settings().locales[0],
            headers={"Reply-To": sender.deliverable} if sender.deliverable.isascii() else None,
        )  # fmt: skip
        if not await is_suppressed(sender):
            # The message itself is not sent back: else the form would mail anything to anybody.
            await mail.send("landing/contact_received", to=sender.deliverable, context={}, locale=locale())


def team_address() -> str:
    """Return who gets the messages."""
    return settings(LandingSettings).contact_to or parseaddr(core_settings().mail_from)[1]
