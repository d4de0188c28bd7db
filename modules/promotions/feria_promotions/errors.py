"""What promotions refuse, and why."""

from __future__ import annotations

from feria_core.errors import Conflict, NotFound


def shown(text: str) -> str:
    """Return what of a client's text may stand in a sentence."""
    return text if text.isprintable() and len(text) <= 64 else "?"  # noqa: PLR2004 - the longest code


class PromotionUnknown(NotFound):
    """There is no such promotion."""

    code = "not_found"

    def __init__(self, promotion_id: str) -> None:
        super().__init__(f"There is no promotion '{shown(promotion_id)}': GET /api/admin/promotions lists them.")


class FlashSaleUnknown(NotFound):
    """There is no such flash sale."""

    code = "not_found"

    def __init__(self, sale_id: str) -> None:
        super().__init__(
            f"There is no flash sale '{shown(sale_id)}': GET /api/admin/promotions/flash-sales lists them."
        )


class CodeTaken(Conflict):
    """A code that reads the same exists already."""

    code, title = "discount_code_taken", "The code is taken"

    def __init__(self, code: str) -> None:
        super().__init__(
            f"A code that reads like '{shown(code)}' exists already (case, dashes, O and 0, I, L and 1 do not"
            " matter): choose another."
        )


class CodeRefused(Conflict):
    """A code that is known here does not apply; `rule` in the document is the rule of pricing that stopped it."""

    code, title = "code_not_for_this_cart", "The code does not apply to this cart"


class CodeExpired(CodeRefused):
    """The code or its promotion is over."""

    code, title = "code_expired", "The code has expired"


class CodeNotStarted(CodeRefused):
    """The code's promotion has not begun."""

    code, title = "code_not_started", "The code does not hold yet"


class CodeUsedUp(CodeRefused):
    """The code, its promotion, or this customer's share of it is used up."""

    code, title = "code_used_up", "The code is used up"


class CodeNeedsAccount(CodeRefused):
    """The code is for signed-in customers."""

    code, title = "code_needs_account", "Sign in to use the code"


class CodeMinimumNotMet(CodeRefused):
    """The cart holds too little; `missing` says how much more is needed."""

    code, title = "code_minimum_not_met", "The cart holds too little for the code"


class CodeCannotBeCombined(CodeRefused):
    """Another discount of the cart saves more and does not join this one."""

    code, title = "code_cannot_be_combined", "The code cannot be combined"


class ClaimLost(Conflict):
    """A limit was reached by others between the pricing and the claim; nothing was claimed."""

    code, title = "discount_gone", "The discount is gone"

    def __init__(self) -> None:
        super().__init__("Others have used up a discount of this price meanwhile: price the cart again.")
