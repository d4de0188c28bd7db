"""What reviews offers to other modules."""

from __future__ import annotations

from feria_core.contracts.admin import ADMIN_SECTIONS, DASHBOARD_PARTS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry
from feria_reviews.admin_section import REVIEWS, WAITING
from feria_reviews.personal_data import ReviewData


def register(registry: Registry) -> None:
    """Contribute what reviews knows of people, and its section of the staff's pages."""
    registry.contribute(PERSONAL_DATA, ReviewData(), module="reviews")
    registry.contribute(ADMIN_SECTIONS, REVIEWS, module="reviews")
    registry.contribute(DASHBOARD_PARTS, WAITING, module="reviews", order=30)
