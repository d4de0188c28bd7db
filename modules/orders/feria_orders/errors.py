"""Why orders refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feria_core.errors import Conflict, NotFound
from feria_core.money import Money, format_money


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


class IllegalMove(Conflict):
    """One of the machines has no such move; `machine`, `from`, `to` and `allowed` say which."""

    code, title = "illegal_move", "Not from this state"

    def __init__(self, machine: str, before: str, after: str, allowed: Sequence[str]) -> None:
        way_out = f"it can become {' or '.join(allowed)}" if allowed else "it stays so for good"
        super().__init__(
            f"This {machine} is {before} and cannot become {after}: {way_out}.",
            members={"machine": machine, "from": before, "to": after, "allowed": list(allowed)},
        )


class InFulfilment(Conflict):
    """Pieces of the order are in a parcel already: it is no longer cancelled, but returned."""

    code, title = "order_in_fulfilment", "The order is on its way"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Pieces of order {number} are in a parcel already: wait for it and send back what you do not want."
        )


class TooManyPieces(Conflict):
    """More pieces of a line were named than are left for what is to be done; `lines` says how many are."""

    code, title = "too_many_pieces", "More than there are"

    def __init__(self, what: str, lines: Sequence[Mapping[str, object]]) -> None:
        first = lines[0]
        super().__init__(
            f"{first['requested']} of {first['sku']} are to be {what}, {first['available']} can be: name fewer.",
            members={"lines": list(lines)},
        )


class LineUnknown(NotFound):
    """The order has no such item."""

    code, title = "order_item_unknown", "No such item in this order"

    def __init__(self, item_id: object) -> None:
        super().__init__(f"The order has no item {item_id}: take the id from its `items`.")


class RefundTooLarge(Conflict):
    """More was asked back than is left to refund; `refundable` says how much that is."""

    code, title = "refund_too_large", "More than is left to refund"

    def __init__(self, number: str, asked: Money, left: Money) -> None:
        super().__init__(
            f"{_shown(asked)} cannot be refunded: {_shown(left)} of order {number} can be.",
            members={"refundable": {"amount": left.amount, "currency": left.currency}},
        )


class NothingToRefund(Conflict):
    """What was named costs nothing, or everything has gone back."""

    code, title = "nothing_to_refund", "There is nothing to refund"

    def __init__(self, number: str) -> None:
        super().__init__(f"Nothing of order {number} is left to refund, or what was named costs nothing.")


class PaymentsUnavailable(Conflict):
    """The money of this order is not known here: the module that takes payments is off, or never took it."""

    code, title = "payments_unavailable", "Its money cannot be moved here"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The payments of order {number} are not known here: enable the module 'checkout', or move the money "
            "where it was taken."
        )


class WrongCurrency(Conflict):
    """The amount is in another currency than the order."""

    code, title = "wrong_currency", "Another currency"

    def __init__(self, sent: str, currency: str) -> None:
        super().__init__(f"The amount is in {sent}, the order in {currency}: send it in {currency}.")


class PaymentNotOpen(Conflict):
    """There is no open payment of that kind."""

    code, title = "payment_not_open", "No such payment is open"

    def __init__(self, number: str, payment_status: str, way_out: str) -> None:
        super().__init__(f"The payment of order {number} is {payment_status}: {way_out}.")


class FulfilmentUnknown(NotFound):
    """The order has no such parcel."""

    code, title = "fulfilment_unknown", "No such fulfilment"

    def __init__(self, name: object) -> None:
        super().__init__(f"The order has no fulfilment {name}: take the id from its `fulfilments`.")


class ReturnUnknown(NotFound):
    """There is no such return."""

    code, title = "return_unknown", "No such return"

    def __init__(self, name: object) -> None:
        super().__init__(f"There is no return {name}: take the id from the list of returns.")


class ReturnTooLate(Conflict):
    """The window in which these pieces could be returned is over, or they have not been sent."""

    code, title = "not_returnable", "It cannot be returned"

    def __init__(self, days: int, lines: Sequence[Mapping[str, object]]) -> None:
        first = lines[0]
        super().__init__(
            f"{first['requested']} of {first['sku']} are to be returned, {first['available']} can be: pieces are taken "
            f"back within {days} days of their delivery, each once.",
            members={"lines": list(lines), "return_window_days": days},
        )


class NoDocument(NotFound):
    """There is no such invoice or credit note."""

    code, title = "document_unknown", "No such document"


class NothingToReorder(Conflict):
    """Nothing of the order is sold any more, or no cart can be filled; `lines` says why."""

    code, title = "nothing_to_reorder", "Nothing of it can be ordered again"

    def __init__(self, number: str, lines: Sequence[Mapping[str, object]]) -> None:
        super().__init__(
            f"Nothing of order {number} can be put into a cart now: look for something else.",
            members={"lines": list(lines)},
        )


def _shown(money: Money) -> str:
    return format_money(money)
