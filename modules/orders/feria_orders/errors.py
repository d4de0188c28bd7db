"""Why orders refuses."""

from __future__ import annotations

from feria_core.errors import Conflict, NotFound


class OrderNotFound(NotFound):
    """There is no such order for this reader: missing, a draft and another's all look the same."""

    def __init__(self, name: object) -> None:
        super().__init__(
            f"There is no order {name} for you: check the number, sign in as its buyer, or use the link of its e-mail."
        )


class AlreadyPlaced(Conflict):
    """The checkout has become an order; what was ordered no longer changes."""

    code, title = "order_already_placed", "The order is placed"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"This checkout has become order {number}: its lines and totals no longer change; begin a new cart.",
            members={"number": number},
        )
