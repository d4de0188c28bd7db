"""A model that has become too old: not used, and told to staff."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog

from feria_core import clock, db, mail
from feria_core.runtime import core_settings, settings
from feria_personalization.repository import models
from feria_personalization.settings import PersonalizationSettings

log = structlog.get_logger("feria.personalization")


def max_age() -> timedelta:
    """Return how old a model may become before it is not used any more."""
    return timedelta(days=settings(PersonalizationSettings).model_max_age_days)


def is_stale(trained_at: datetime, now: datetime) -> bool:
    """Return True for a model that is older than the deployment's limit."""
    return now - trained_at > max_age()


async def tell_staff() -> bool:
    """Mail to staff that the model in service has become too old, once for each; return whether there was one.

    Repeating tells nobody twice: who is told is noted in the transaction that queues the mail.
    """
    now = clock.now()
    async with db.transaction():
        model = await models.told_stale(trained_before=now - max_age(), now=now)
        if model is None:
            return False
        chosen, core = settings(PersonalizationSettings), core_settings()
        context = {
            "version": model["version"], "trained_on": f"{model['trained_at']:%Y-%m-%d}",
            "days": chosen.model_max_age_days,
        }  # fmt: skip
        to = chosen.alerts_to or parseaddr(core.mail_from)[1]
        await mail.send("personalization/model_stale", to=to, context=context, locale=core.locales[0])
    log.error("recommendations.model_stale", version=model["version"], trained_at=model["trained_at"].isoformat())
    return True
