"""What promotions make of a basket: pure, without I/O and without a clock of its own."""

from feria_promotions.pricing.engine import price
from feria_promotions.pricing.facts import (
    Basket,
    Buyer,
    Code,
    Conditions,
    FlashOffer,
    Line,
    Promotion,
    Selection,
    Stacking,
)
from feria_promotions.pricing.quote import Applied, Blocked, PricedLine, Quote, Rule
from feria_promotions.pricing.reductions import (
    BuyGet,
    Fixed,
    FreeShipping,
    Gift,
    Percent,
    Reduction,
    Tier,
    Tiers,
)

__all__ = [
    "Applied",
    "Basket",
    "Blocked",
    "BuyGet",
    "Buyer",
    "Code",
    "Conditions",
    "Fixed",
    "FlashOffer",
    "FreeShipping",
    "Gift",
    "Line",
    "Percent",
    "PricedLine",
    "Promotion",
    "Quote",
    "Reduction",
    "Rule",
    "Selection",
    "Stacking",
    "Tier",
    "Tiers",
    "price",
]
