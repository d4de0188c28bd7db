"""What a merge makes of two carts: pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from feria_core.contracts.catalog import Offer


class Policy(StrEnum):
    """Whose quantity counts where both carts hold a variant; what one of them alone holds is kept by each."""

    SUM = "sum"
    MAX = "max"
    GUEST = "guest"
    USER = "user"


@dataclass(frozen=True)
class Note:
    """What became of one line or code of the guest's: told until the owner of the cart changes something.

    `kind` is "added", "combined", "capped_by_stock", "capped_by_limit", "saved_for_later", "other_currency" or
    "code_left_out"; `wanted` is what the policy asked for, `quantity` what the cart holds now.
    """

    kind: str
    variant_id: UUID | None = None
    wanted: int = 0
    quantity: int = 0
    code: str | None = None


@dataclass(frozen=True)
class Room:
    """What one cart may hold: of a line, of all lines together, and of products with a limit for each customer."""

    of_line: int
    in_all: int | None = None
    of_products: Mapping[UUID, int] | None = None


def merge(
    own: Mapping[UUID, int], guest: Mapping[UUID, int], offers: Mapping[UUID, Offer], *, policy: Policy, room: Room
) -> Sequence[Note]:
    """Return a note for each of the guest's variants, in their order, with the quantity that the cart then holds.

    Capped by stock and by limits, yet a line never vanishes by merging: one is kept of what is sold out, so that the
    cart can tell, and what limits leave no room for is saved for later. What is not sold any more is told as such, so
    its quantity does not matter.
    """
    notes: list[Note] = []
    held = dict(own)
    for variant_id, quantity in guest.items():
        before = held.get(variant_id, 0)
        wanted = _wanted(policy, before, quantity)
        note = _capped(variant_id, before, wanted, offers, held, room)
        held[variant_id] = note.quantity
        notes.append(note)
    return notes


def _wanted(policy: Policy, own: int, guest: int) -> int:
    if own == 0:
        return guest
    return {Policy.SUM: own + guest, Policy.MAX: max(own, guest), Policy.GUEST: guest, Policy.USER: own}[policy]


def _capped(
    variant_id: UUID, before: int, wanted: int, offers: Mapping[UUID, Offer], held: Mapping[UUID, int], room: Room
) -> Note:
    kind, quantity = "combined" if before else "added", wanted
    offer = offers.get(variant_id)
    if offer is not None and offer.is_sold and max(offer.available, 1) < quantity:
        kind, quantity = "capped_by_stock", max(offer.available, 1)
    left = _left(variant_id, before, offer, offers, held, room)
    if left < quantity:
        kind, quantity = ("capped_by_limit", left) if left else ("saved_for_later", 0)
    return Note(kind, variant_id, wanted, quantity)


def _left(
    variant_id: UUID,
    before: int,
    offer: Offer | None,
    offers: Mapping[UUID, Offer],
    held: Mapping[UUID, int],
    room: Room,
) -> int:
    """Return how many the line may hold; what its owner had in the cart before is never taken away by a limit."""
    left = room.of_line
    if room.in_all is not None:
        left = min(left, room.in_all - (sum(held.values()) - before))
    if offer is not None and room.of_products and offer.product_id in room.of_products:
        others = sum(
            count
            for other, count in held.items()
            if other != variant_id and other in offers and offers[other].product_id == offer.product_id
        )
        left = min(left, room.of_products[offer.product_id] - others)
    return max(left, min(before, room.of_line), 0)
