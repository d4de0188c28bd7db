"""What this module offers the others."""

from __future__ import annotations

from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.pricing import PRICE_ADJUSTERS, PRICE_CLAIMS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry
from feria_promotions.adjusting import PromotionAdjuster
from feria_promotions.admin_sections import SECTIONS
from feria_promotions.claims import LimitClaims
from feria_promotions.personal_data import PromotionData


def register(registry: Registry) -> None:
    """Contribute the discounts, the claims on their limits, and what is known of a person."""
    registry.contribute(PRICE_ADJUSTERS, PromotionAdjuster(), module="promotions")
    registry.contribute(PRICE_CLAIMS, LimitClaims(), module="promotions")
    registry.contribute(PERSONAL_DATA, PromotionData(), module="promotions")
    for section in SECTIONS:
        registry.contribute(ADMIN_SECTIONS, section, module="promotions")
