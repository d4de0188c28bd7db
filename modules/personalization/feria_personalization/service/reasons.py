"""Why an item is shown, in the reader's language."""

from __future__ import annotations

from feria_personalization.domain import Reason

# The first holds where the product that it comes from can be named, the second where it is shown no more.
_TEXTS: dict[str, dict[Reason, tuple[str, str]]] = {
    "en": {
        Reason.BOUGHT_TOGETHER: ("Bought together with {name}", "Bought together with this"),
        Reason.ALSO_VIEWED: ("Looked at by people who looked at {name}", "Looked at by people who looked at this"),
        Reason.SIMILAR: ("Similar to {name}", "Similar to what you looked at"),
        Reason.FROM_PURCHASES: ("Because you bought {name}", "Because of what you bought"),
        Reason.FROM_VIEWS: ("Because of your interest in {name}", "Because of what you looked at"),
        Reason.IN_CART: ("Goes with {name} in your cart", "Goes with what is in your cart"),
        Reason.NEW: ("New, and similar to {name}", "New, and similar to what you looked at"),
        Reason.TRENDING: ("In demand right now", "In demand right now"),
        Reason.POPULAR: ("Popular in the shop", "Popular in the shop"),
        Reason.SHOP: ("From our shop", "From our shop"),
    },
    "es": {
        Reason.BOUGHT_TOGETHER: ("Se compra junto con {name}", "Se compra junto con este producto"),
        Reason.ALSO_VIEWED: ("Lo vieron quienes vieron {name}", "Lo vieron quienes vieron este producto"),
        Reason.SIMILAR: ("Parecido a {name}", "Parecido a lo que viste"),
        Reason.FROM_PURCHASES: ("Porque compraste {name}", "Por lo que compraste"),
        Reason.FROM_VIEWS: ("Por tu interés en {name}", "Por lo que viste"),
        Reason.IN_CART: ("Combina con {name} de tu carrito", "Combina con lo que hay en tu carrito"),
        Reason.NEW: ("Nuevo y parecido a {name}", "Nuevo y parecido a lo que viste"),
        Reason.TRENDING: ("Muy solicitado ahora", "Muy solicitado ahora"),
        Reason.POPULAR: ("Popular en la tienda", "Popular en la tienda"),
        Reason.SHOP: ("De nuestra tienda", "De nuestra tienda"),
    },
}


def text_of(reason: Reason, name: str | None, *, locale: str) -> str:
    """Return the sentence for a reason; `name` is that of the product it comes from, None where there is none."""
    named, nameless = _TEXTS.get(locale, _TEXTS["en"])[reason]
    return named.replace("{name}", name) if name else nameless
