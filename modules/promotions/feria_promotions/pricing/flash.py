"""Flash sales: another price for so many pieces, from one instant to another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_promotions.pricing.facts import Basket, FlashOffer, Line
from feria_promotions.pricing.quote import Applied, Blocked, Rule


def flash_prices(offers: Sequence[FlashOffer], basket: Basket, now: datetime) -> tuple[list[Applied], list[Blocked]]:
    """Return what running sales take off the lines, and why others do not; a sale at most once per variant.

    Of two running sales of one variant the cheaper counts, then the one of the lower id. Pieces past a cap cost
    the normal price.
    """
    applied: list[Applied] = []
    blocked: list[Blocked] = []
    taken: set[UUID] = set()
    for offer in sorted(offers, key=lambda one: (one.unit_price, one.sale_id, one.variant_id)):
        lines = [line for line in basket.lines if line.variant_id == offer.variant_id]
        rule = _stopped(offer, lines, basket, now)
        if rule is None and offer.variant_id in taken:
            rule = Rule.ANOTHER_SAVES_MORE
        if rule is None:
            taken.add(offer.variant_id)
            applied.append(_reduce(offer, sorted(lines, key=lambda line: line.id)))
        else:
            blocked.append(Blocked(offer.sale_id, offer.label, rule))
    return applied, blocked


def _stopped(offer: FlashOffer, lines: Sequence[Line], basket: Basket, now: datetime) -> Rule | None:
    """Return the first rule that stops the offer; a window holds up to, not including, its last instant."""
    rules = {
        Rule.NOT_ACTIVE: not offer.is_active,
        Rule.NOT_STARTED: now < offer.starts_at,
        Rule.ENDED: now >= offer.ends_at,
        Rule.FLASH_NOT_IN_BASKET: not lines,
        Rule.FLASH_NOT_CHEAPER: all(line.unit_price <= offer.unit_price for line in lines),
        Rule.NEEDS_ACCOUNT: offer.needs_account and basket.buyer.id is None,
        Rule.FLASH_SOLD_OUT: offer.left is not None and offer.left <= 0,
        Rule.FLASH_CUSTOMER_LIMIT: offer.left_for_buyer is not None and offer.left_for_buyer <= 0,
    }
    return next((rule for rule, stops in rules.items() if stops), None)


def _reduce(offer: FlashOffer, lines: Sequence[Line]) -> Applied:
    caps = [cap for cap in (offer.left, offer.left_for_buyer) if cap is not None]
    units = min([sum(line.quantity for line in lines), *caps])
    taken: list[int] = []
    rest = units
    for line in lines:
        pieces = min(rest, line.quantity)
        rest -= pieces
        taken.append(max(line.unit_price - offer.unit_price, 0) * pieces)
    return Applied(offer.sale_id, offer.label, [line.id for line in lines], taken, units={offer.variant_id: units})
