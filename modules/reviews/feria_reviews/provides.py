"""What reviews offers to other modules."""

from __future__ import annotations

from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry
from feria_reviews.personal_data import ReviewData


def register(registry: Registry) -> None:
    """Contribute what reviews knows of people."""
    registry.contribute(PERSONAL_DATA, ReviewData(), module="reviews")
