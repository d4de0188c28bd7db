"""What workers do for landing."""

from __future__ import annotations

from uuid import UUID

from feria_core import clock
from feria_core.jobs import JobContext
from feria_landing.events import upkeep
from feria_landing.github import refresh
from feria_landing.newsletter import repository, sending, services, signing_up


async def handle_signup(ctx: JobContext, *, signup_id: str) -> None:
    """Mail the link that confirms a subscription, where there is something to confirm."""
    await signing_up.handle(ctx, UUID(signup_id))


async def tell_services(ctx: JobContext, *, subscription_id: str) -> None:
    """Tell the mailing services that are attached how a subscription stands."""
    del ctx
    await services.tell(UUID(subscription_id))


async def send_newsletter(ctx: JobContext, *, newsletter_id: str, is_first: bool) -> None:
    """Hand the next readers of a newsletter to the mail queue."""
    await sending.go_on(ctx, UUID(newsletter_id), is_first=is_first)


async def refresh_github(ctx: JobContext, *, feed: str | None = None) -> None:
    """Renew the copies of GitHub's data that are due, or the one that somebody misses; failures put it off."""
    del ctx
    await (refresh.refresh(feed) if feed else refresh.refresh_due())


async def upkeep_daily(ctx: JobContext) -> None:
    """Keep endless events some years ahead, and forget links and subscriptions that nobody confirmed."""
    del ctx
    await upkeep.extend_all()
    await repository.sweep(clock.now())
