"""The cart's entity tag: which cart, and which version of what its owner may change. Prices move without it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from feria_cart.errors import CartChangedMeanwhile

NO_CART = '"0"'


@dataclass(frozen=True)
class Expected:
    """The versions of the cart that a caller's change is meant for: the tags of `If-Match`."""

    tags: frozenset[str]

    def check(self, cart_id: UUID | None, version: int) -> None:
        """Raise CartChangedMeanwhile where the cart, locked by the caller, is none of those."""
        if "*" not in self.tags and etag(cart_id, version) not in self.tags:
            raise CartChangedMeanwhile(version)


def etag(cart_id: UUID | None, version: int) -> str:
    """Return the strong tag of that version; a cart that is not there yet has one too."""
    return f'"{cart_id.hex}.{version}"' if cart_id is not None and version else NO_CART


def expected(if_match: str | None) -> Expected | None:
    """Return what an If-Match header demands, None without one; weak and made-up tags match nothing (RFC 9110)."""
    if if_match is None:
        return None
    return Expected(frozenset(part.strip() for part in if_match.split(",")))
