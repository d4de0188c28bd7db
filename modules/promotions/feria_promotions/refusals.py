"""From the rules of pricing to the refusals that shoppers and staff read: one table for each."""

from __future__ import annotations

from typing import Any

from feria_core.contracts.money import Money
from feria_core.money import format_money
from feria_promotions.errors import (
    CodeCannotBeCombined,
    CodeExpired,
    CodeMinimumNotMet,
    CodeNeedsAccount,
    CodeNotStarted,
    CodeRefused,
    CodeUsedUp,
)
from feria_promotions.pricing import Blocked, Rule

# Rules that are not named here answer CodeRefused: `code_not_for_this_cart`.
_CODES: dict[Rule, type[CodeRefused]] = {
    Rule.NOT_ACTIVE: CodeExpired,
    Rule.ENDED: CodeExpired,
    Rule.CODE_EXPIRED: CodeExpired,
    Rule.NOT_STARTED: CodeNotStarted,
    Rule.CODE_USED_UP: CodeUsedUp,
    Rule.USED_UP: CodeUsedUp,
    Rule.CUSTOMER_USED_UP: CodeUsedUp,
    Rule.NEEDS_ACCOUNT: CodeNeedsAccount,
    Rule.MINIMUM_TOTAL: CodeMinimumNotMet,
    Rule.MINIMUM_QUANTITY: CodeMinimumNotMet,
    Rule.TIER_NOT_REACHED: CodeMinimumNotMet,
    Rule.NOT_ENOUGH_BOUGHT: CodeMinimumNotMet,
    Rule.STOPPED_BY_EXCLUSIVE: CodeCannotBeCombined,
    Rule.CANNOT_JOIN: CodeCannotBeCombined,
    Rule.ANOTHER_SAVES_MORE: CodeCannotBeCombined,
    Rule.NOTHING_LEFT: CodeCannotBeCombined,
}

# What each rule says, in English and Spanish; {missing} is a number or an amount of money.
SENTENCES: dict[Rule, tuple[str, str]] = {
    Rule.NOT_ACTIVE: ("It is switched off.", "Está desactivada."),
    Rule.NOT_STARTED: ("It has not begun yet.", "Todavía no ha comenzado."),
    Rule.ENDED: ("It is over.", "Ya terminó."),
    Rule.OTHER_CURRENCY: ("It is for another currency.", "Es para otra moneda."),
    Rule.CODE_MISSING: ("It needs a code that was not given.", "Necesita un código que no se dio."),
    Rule.CODE_EXPIRED: ("The code has expired.", "El código ha vencido."),
    Rule.CODE_USED_UP: ("The code is used up.", "El código está agotado."),
    Rule.CODE_OF_ANOTHER: ("The code belongs to another customer.", "El código es de otro cliente."),
    Rule.USED_UP: ("It is used up.", "Está agotada."),
    Rule.CUSTOMER_USED_UP: (
        "This customer has used it as often as one may.",
        "Este cliente ya la usó tantas veces como se puede.",
    ),
    Rule.NEEDS_ACCOUNT: ("It is for signed-in customers.", "Es para clientes que han iniciado sesión."),
    Rule.OTHER_GROUP: ("It is for another group of customers.", "Es para otro grupo de clientes."),
    Rule.NOT_FIRST_ORDER: ("It is for a first order.", "Es para el primer pedido."),
    Rule.NOT_NTH_ORDER: ("It is for another order than this one.", "Es para otro pedido que este."),
    Rule.EMPTY: ("The cart is empty.", "El carrito está vacío."),
    Rule.NO_ITEM_SELECTED: ("The cart holds nothing that it is for.", "El carrito no contiene nada de lo que abarca."),
    Rule.ALL_ITEMS_EXCLUDED: (
        "Everything in the cart is excluded from it.",
        "Todo lo que contiene el carrito está excluido.",
    ),
    Rule.MINIMUM_TOTAL: ("{missing} more is needed.", "Faltan {missing}."),
    Rule.MINIMUM_QUANTITY: ("{missing} more items are needed.", "Faltan {missing} artículos."),
    Rule.TIER_NOT_REACHED: ("{missing} more is needed for the first tier.", "Faltan {missing} para el primer nivel."),
    Rule.NOT_ENOUGH_BOUGHT: ("{missing} more items are needed.", "Faltan {missing} artículos."),
    Rule.GIFT_NOT_IN_BASKET: ("The gift can be added to the cart.", "El regalo se puede añadir al carrito."),
    Rule.NOTHING_LEFT: ("Nothing is left to take off.", "No queda nada que descontar."),
    Rule.STOPPED_BY_EXCLUSIVE: (
        "A discount that does not join others saves more.",
        "Un descuento que no se combina ahorra más.",
    ),
    Rule.CANNOT_JOIN: (
        "It does not join others, and those save more together.",
        "No se combina con otros, que juntos ahorran más.",
    ),
    Rule.ANOTHER_SAVES_MORE: ("Another one of its kind saves more.", "Otra del mismo tipo ahorra más."),
    Rule.FLASH_SOLD_OUT: ("The pieces at this price are sold.", "Las unidades a este precio se vendieron."),
    Rule.FLASH_CUSTOMER_LIMIT: (
        "This customer has bought as many at this price as one may.",
        "Este cliente ya compró a este precio tantas como se puede.",
    ),
    Rule.FLASH_NOT_CHEAPER: ("The price is not lower than the usual one.", "El precio no es menor que el habitual."),
    Rule.FLASH_NOT_IN_BASKET: ("The item is not in the cart.", "El artículo no está en el carrito."),
}

# Where `missing` is money; elsewhere it counts items.
_OF_MONEY = {Rule.MINIMUM_TOTAL}


def refusal_of(blocked: Blocked, code: str, currency: str) -> CodeRefused:
    """Return the refusal of a known code: its sentence, `rule`, and `missing` where more in the cart would help."""
    kind = _CODES.get(blocked.rule, CodeRefused)
    members: dict[str, Any] = {"rule": blocked.rule.value}
    if blocked.missing is not None:
        members["missing"] = _missing(blocked, currency)
    return kind(f"The code '{code}' does not apply: {sentence(blocked, currency)}", members=members)


def sentence(blocked: Blocked, currency: str, locale: str = "en") -> str:
    """Return the rule in words of `locale`, English for languages that are not known."""
    english, spanish = SENTENCES[blocked.rule]
    missing: Any = blocked.missing
    if blocked.rule in _OF_MONEY and blocked.missing is not None:
        missing = format_money(Money(blocked.missing, currency), locale)
    return (spanish if locale == "es" else english).format(missing=missing)


def _missing(blocked: Blocked, currency: str) -> Any:
    if blocked.rule in _OF_MONEY:
        return {"amount": blocked.missing, "currency": currency}
    return blocked.missing
