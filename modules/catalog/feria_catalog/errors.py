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


class OptionsTaken(Conflict):
    """Two variants of a product would have the same options."""

    code, title = "options_taken", "The product has a variant with these options"

    def __init__(self) -> None:
        super().__init__("Another variant of the product has the same options: let an option tell them apart.")


class BarcodeTaken(Conflict):
    """Two variants would have the same barcode."""

    code, title = "barcode_taken", "The barcode belongs to another variant"

    def __init__(self) -> None:
        super().__init__("Another variant has this barcode: correct it, or take it away there first.")


class CategoryCycle(Conflict):
    """A category would be moved into itself."""

    code, title = "category_cycle", "A category cannot be inside of itself"

    def __init__(self, name: str, parent: str) -> None:
        super().__init__(f"'{parent}' is {name} itself or inside of it: choose a parent outside of the subtree.")


class CategoryTooDeep(Conflict):
    """The tree would get more levels than it may have."""

    code, title = "category_too_deep", "The category tree would be too deep"

    def __init__(self, depth: int, most: int) -> None:
        super().__init__(f"The tree would be {depth} levels deep, {most} are the most: choose a parent further up.")


class CodeTaken(Conflict):
    """Something of this kind has the code already."""

    code, title = "code_taken", "The code is in use"

    def __init__(self, what: str, code: str) -> None:
        super().__init__(f"There is {what} '{code}' already: edit that one, or choose another code.")


class InUse(Conflict):
    """It cannot be deleted while something needs it."""

    code, title = "in_use", "It is in use"

    def __init__(self, what: str, by: str, count: int) -> None:
        super().__init__(f"{what} is used by {count} {by}: take it away there first.", members={"count": count})


class ValuesUnfit(Conflict):
    """Stored values would not fit the attribute any more."""

    code, title = "values_unfit", "Stored values do not fit"


class FieldOfModule(Conflict):
    """The custom field is declared by a module."""

    code, title = "field_of_module", "The field belongs to a module"

    def __init__(self, code: str) -> None:
        super().__init__(f"The custom field {code} is declared by a module: only its next version changes it.")


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
