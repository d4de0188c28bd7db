"""What the cart refuses, and why."""

from __future__ import annotations

from uuid import UUID

from feria_core.errors import Conflict, FeriaError, Invalid, NotFound


def _shown(text: str) -> str:
    """Return what of a client's text may stand in a sentence: a path can hold anything, of any length."""
    return text if text.isprintable() and len(text) <= 64 else "?"  # noqa: PLR2004 - the longest code


class VariantUnknown(NotFound):
    """The variant is not sold here, or not any more."""

    code, title = "variant_unknown", "This is not sold here"

    def __init__(self, variant_id: str) -> None:
        super().__init__(f"No variant '{_shown(variant_id)}' is sold here: take the id from a product's `variants`.")


class ItemUnknown(NotFound):
    """The caller's cart has no such item; somebody else's answers the same."""

    code = "not_found"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"Your cart has no item '{_shown(item_id)}': GET /api/cart lists what it holds.")


class CodeUnknown(NotFound):
    """Nobody here knows the discount code, or the cart does not hold it."""

    code, title = "code_unknown", "Unknown code"

    def __init__(self, code: str) -> None:
        super().__init__(f"The code '{_shown(code)}' is not known here: check its spelling.")


class CartFull(Conflict):
    """The cart has as many lines as a cart may have."""

    code, title = "cart_full", "The cart is full"

    def __init__(self, max_lines: int) -> None:
        super().__init__(
            f"A cart holds at most {max_lines} different items: remove one first.", members={"max_lines": max_lines}
        )


class TooManyCodes(Conflict):
    """The cart has as many codes as a cart may have."""

    code, title = "too_many_codes", "Too many codes"

    def __init__(self, max_codes: int) -> None:
        super().__init__(f"A cart takes at most {max_codes} codes: remove one first.", members={"max_codes": max_codes})


class CartNotOpen(Conflict):
    """The cart has become an order or moved into another cart meanwhile."""

    code, title = "cart_not_open", "The cart is closed"

    def __init__(self, cart_id: UUID) -> None:
        super().__init__(f"The cart {cart_id} is closed already: reload the cart and begin again.")


class CartChangedMeanwhile(FeriaError):
    """The version that If-Match names is not the cart's present one."""

    code, status, title = "cart_version_stale", 412, "The cart has changed meanwhile"

    def __init__(self, version: int) -> None:
        super().__init__(
            f"The cart is at version {version} by now: load it again, then decide anew.", members={"version": version}
        )


class TooManyPieces(Conflict):
    """The cart would hold more pieces than one order may have."""

    code, title = "too_many_pieces", "Too many pieces"

    def __init__(self, wanted: int, most: int) -> None:
        super().__init__(
            f"The cart would hold {wanted} pieces, one order takes at most {most}: lower a quantity.",
            members={"max_pieces": most},
        )


class SavedUnknown(NotFound):
    """The caller has saved no such item for later; somebody else's answers the same."""

    code = "not_found"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"You have saved no item '{_shown(item_id)}': GET /api/cart/saved lists what you have.")


class TooManySaved(Conflict):
    """As many items are saved for later as may be."""

    code, title = "too_many_saved", "Too many items saved for later"

    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most} items are saved for later: remove one first.", members={"max_saved": most})


class RestoreLinkUnknown(NotFound):
    """The link is none of ours, or its cart is gone."""

    code, title = "not_found", "There is no such cart"

    def __init__(self) -> None:
        super().__init__("No cart is behind this link any more: begin a new one.")


class RestoreLinkExpired(FeriaError):
    """The link was ours, its time is over."""

    code, status, title = "restore_link_expired", 410, "The link has expired"

    def __init__(self) -> None:
        super().__init__("This link to a cart has expired: ask for a new one where the cart is.")


class ReminderLinkUnknown(NotFound):
    """The link of a mail is none of ours."""

    code, title = "not_found", "There are no such reminders"

    def __init__(self) -> None:
        super().__init__("This link ends no reminders of ours: take the one of the mail as it is.")


class NothingToRestore(Conflict):
    """There is no cart that a link or a mail could lead to."""

    code, title = "cart_empty", "The cart is empty"

    def __init__(self) -> None:
        super().__init__("Your cart is empty: put something into it first.")


class LimitUnknown(NotFound):
    """No limit is set for the product."""

    code = "not_found"

    def __init__(self, product_id: str) -> None:
        super().__init__(f"No limit is set for the product '{_shown(product_id)}'.")


def quantity_too_large(quantity: int, largest: int) -> Invalid:
    """Return the refusal of a line that would hold more than `largest`."""
    return Invalid.field(
        "body", "quantity", code="quantity_too_large",
        message=f"The line would hold {quantity}, at most {largest} are possible: lower the quantity.",
    )  # fmt: skip


class WishlistUnknown(NotFound):
    """The caller has no such wish list; somebody else's answers the same."""

    code = "not_found"

    def __init__(self, list_id: str) -> None:
        super().__init__(f"You have no wish list '{_shown(list_id)}': GET /api/wishlists lists yours.")


class WishUnknown(NotFound):
    """The caller's wish lists hold no such item; somebody else's answers the same."""

    code = "not_found"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"Your wish list has no item '{_shown(item_id)}': GET /api/wishlist lists what it holds.")


class LinkUnknown(NotFound):
    """Nobody shares a wish list under this link, or not any more."""

    code, title = "not_found", "Nothing is shared here"

    def __init__(self) -> None:
        super().__init__("No wish list is shared under this link: ask who sent it for a new one.")


class AlertUnknown(NotFound):
    """The caller asked for no such alert, or the link of a mail is none of ours."""

    code = "not_found"

    def __init__(self, alert_id: str) -> None:
        super().__init__(f"There is no alert '{_shown(alert_id)}' of yours: GET /api/alerts lists them.")


class WishlistFull(Conflict):
    """The wish list holds as many items as one may hold."""

    code, title = "wishlist_full", "The wish list is full"

    def __init__(self, max_items: int) -> None:
        super().__init__(
            f"A wish list holds at most {max_items} items: remove one first.", members={"max_items": max_items}
        )


class TooManyWishlists(Conflict):
    """The person has as many wish lists as one may have."""

    code, title = "too_many_wishlists", "Too many wish lists"

    def __init__(self, max_lists: int) -> None:
        super().__init__(
            f"At most {max_lists} wish lists beside the first one are kept: delete one of them.",
            members={"max_lists": max_lists},
        )


class TooManyAlerts(Conflict):
    """The person waits for as many things as one may wait for."""

    code, title = "too_many_alerts", "Too many alerts"

    def __init__(self, max_alerts: int) -> None:
        super().__init__(
            f"At most {max_alerts} alerts wait at a time: delete one of GET /api/alerts.",
            members={"max_alerts": max_alerts},
        )
