"""The section of gift notes on the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column

PATH = "/api/admin/gift-notes/{id}"

GIFT_NOTES = AdminSection(
    name="gift_notes",
    title={"en": "Gift notes", "es": "Notas de regalo"},
    group="sales",
    list_path="/api/admin/gift-notes",
    item_path=PATH,
    columns=(
        Column("created_at", {"en": "Ordered", "es": "Pedido el"}, "moment"),
        Column("order_number", {"en": "Order", "es": "Pedido"}),
        Column("text", {"en": "Note", "es": "Nota"}),
        Column("status", {"en": "Card", "es": "Tarjeta"}, "status"),
    ),
    empty={
        "en": "No order has a gift note yet. Shoppers write them in the checkout.",
        "es": "Ningún pedido tiene nota de regalo. Los clientes las escriben al pagar.",
    },
    search="number",
    filters=("status",),
    acts=(
        Act(
            "written",
            {"en": "The card is written", "es": "La tarjeta está escrita"},
            "POST",
            f"{PATH}/written",
            when=("status", ("waiting",)),
        ),
    ),
)
