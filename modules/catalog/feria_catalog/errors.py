"""What the catalog refuses, and why."""

from __future__ import annotations

from feria_core.errors import Conflict, FeriaError


class SkuTaken(Conflict):
    """Another product has a variant with this SKU."""

    code, title = "sku_taken", "The SKU belongs to another variant"

    def __init__(self, sku: str) -> None:
        super().__init__(f"The SKU {sku} is in use: choose another, or edit the variant that has it.")


class SlugTaken(Conflict):
    """Another product or category has this slug."""

    code, title = "slug_taken", "The slug is in use"

    def __init__(self, slug: str) -> None:
        super().__init__(f"The slug '{slug}' is in use: choose another, or leave it away to have one made.")


class NameTaken(Conflict):
    """The category has a child of this name already."""

    code, title = "name_taken", "The name is in use"


class WrongCurrency(FeriaError):
    """A price in another currency than the shop's."""

    code, status, title = "wrong_currency", 422, "Prices have another currency here"

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(f"A price is given in {given}, this shop sells in {expected}: convert it first.")


class HoldMissing(Conflict):
    """Nothing is held: the hold has expired and was swept, or was sold or released before."""

    code, title = "hold_missing", "The stock is held no more"


class StockTooLow(Conflict):
    """A correction would take away what is held for buyers, or more than there is."""

    code, title = "stock_too_low", "Not enough in stock"
