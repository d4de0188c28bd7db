"""The sections of carts on the staff's pages: what was left, and how much of a product one may buy."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Choices, Column

_LIMITS, _LIMIT = "/api/admin/cart/product-limits", "/api/admin/cart/product-limits/{product_id}"

ABANDONED = AdminSection(
    name="abandoned-carts",
    title={"en": "Abandoned carts", "es": "Carritos abandonados"},
    list_path="/api/admin/carts/abandoned",
    key="cart_id",
    columns=(
        Column("first_mail_at", {"en": "First reminded", "es": "Primer aviso"}, "moment"),
        Column("value", {"en": "Worth", "es": "Valor"}, "money"),
        Column("mails", {"en": "Reminders", "es": "Avisos"}, "number"),
        Column("visited_at", {"en": "Came back", "es": "Volvió"}, "moment"),
        Column("order_number", {"en": "Order", "es": "Pedido"}, section="orders"),
        Column("revenue", {"en": "Bought for", "es": "Compró por"}, "money"),
        Column("stopped", {"en": "Stopped for", "es": "Se detuvo por"}),
    ),
    empty={
        "en": "No cart was reminded of in this time. Reminders go to people who left something and agreed to them.",
        "es": "No se avisó de ningún carrito en este tiempo. Se avisa a quien dejó algo y lo aceptó.",
    },
    filters=("from", "to"),
    group="sales",
)
PRODUCT_LIMITS = AdminSection(
    name="product-limits",
    title={"en": "Purchase limits", "es": "Límites de compra"},
    list_path=_LIMITS,
    key="product_id",
    columns=(
        Column("product_id", {"en": "Product", "es": "Producto"}, section="products"),
        Column("most", {"en": "At most", "es": "Como mucho"}, "number"),
        Column("changed_at", {"en": "Changed", "es": "Modificado"}, "moment"),
    ),
    empty={
        "en": "No limits yet: set one for products of which a person may buy only so many.",
        "es": "Aún no hay límites: ponga uno a los productos de los que solo se pueden comprar unos pocos.",
    },
    create=Act(
        "create", {"en": "New limit", "es": "Nuevo límite"}, "PUT", _LIMIT,
        choices={"product_id": Choices("/api/admin/products")},
    ),
    edit=Act("edit", {"en": "Edit", "es": "Editar"}, "PUT", _LIMIT),
    acts=(
        Act(
            "delete", {"en": "Remove", "es": "Quitar"}, "DELETE", _LIMIT,
            confirm={"en": "Let people buy as many as they want?", "es": "¿Permitir comprar cuantos se quiera?"},
        ),
    ),
    group="sales",
)  # fmt: skip
SECTIONS = (ABANDONED, PRODUCT_LIMITS)
