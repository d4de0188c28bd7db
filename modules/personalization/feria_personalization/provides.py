"""What personalization offers to other modules."""

from __future__ import annotations

from uuid import UUID

from feria_core.contracts.admin import ADMIN_REPORTS, ADMIN_SECTIONS
from feria_core.contracts.analytics import ANALYTICS_SOURCES
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.contracts.users import SIGN_IN_HOOKS
from feria_core.ports import Registry
from feria_personalization.admin_section import MODELS, REPORT
from feria_personalization.callers import guest_of
from feria_personalization.figures import FUNNEL, RECOMMENDATIONS
from feria_personalization.personal_data import RememberedData
from feria_personalization.service import consent


class HistoryAtSignIn:
    """Gives a guest's history to the customer that they turned out to be."""

    async def signed_in(self, user_id: UUID, cart_token: str | None) -> None:
        """Move the history of the token's guest; without one nothing happens."""
        guest = guest_of(cart_token)
        if guest is not None:
            await consent.become_customer(user_id, guest)


def register(registry: Registry) -> None:
    """Offer the ports; called while the application starts."""
    registry.contribute(PERSONAL_DATA, RememberedData(), module="personalization")
    registry.contribute(ADMIN_SECTIONS, MODELS, module="personalization")
    registry.contribute(ADMIN_REPORTS, REPORT, module="personalization")
    registry.contribute(ANALYTICS_SOURCES, FUNNEL, module="personalization", order=10)
    registry.contribute(ANALYTICS_SOURCES, RECOMMENDATIONS, module="personalization")
    registry.contribute(SIGN_IN_HOOKS, HistoryAtSignIn(), module="personalization")
