"""Orders' sections of the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column

_ADMIN, _RETURN = "/api/admin/orders/{number}", "/api/admin/returns/{id}"
_OPEN = ("status", ("open",))

ORDERS = AdminSection(
    name="orders",
    title={"en": "Orders", "es": "Pedidos"},
    group="sales",
    list_path="/api/admin/orders",
    item_path=_ADMIN,
    key="number",
    search="q",
    filters=("status", "payment_status", "fulfilment_status", "from", "to"),
    empty={
        "en": "No order matches. Orders appear here once somebody has bought something.",
        "es": "Ningún pedido coincide. Los pedidos aparecen aquí cuando alguien compra algo.",
    },
    columns=(
        Column("number", {"en": "Number", "es": "Número"}),
        Column("placed_at", {"en": "Placed", "es": "Realizado"}, "moment"),
        Column("email", {"en": "Buyer", "es": "Comprador"}),
        Column("grand_total", {"en": "Total", "es": "Total"}, "money"),
        Column("status", {"en": "Order", "es": "Pedido"}, "status"),
        Column("payment_status", {"en": "Payment", "es": "Pago"}, "status"),
        Column("fulfilment_status", {"en": "Delivery", "es": "Entrega"}, "status"),
    ),
    details=(
        Column("number", {"en": "Number", "es": "Número"}),
        Column("placed_at", {"en": "Placed", "es": "Realizado"}, "moment"),
        Column("email", {"en": "Buyer", "es": "Comprador"}),
        Column("status", {"en": "Order", "es": "Pedido"}, "status"),
        Column("payment_status", {"en": "Payment", "es": "Pago"}, "status"),
        Column("fulfilment_status", {"en": "Delivery", "es": "Entrega"}, "status"),
        Column("items", {"en": "Items", "es": "Artículos"}, "json"),
        Column("grand_total", {"en": "Total", "es": "Total"}, "money"),
        Column("refunded_total", {"en": "Refunded", "es": "Reembolsado"}, "money"),
        Column("shipping_address", {"en": "Ship to", "es": "Enviar a"}, "json"),
        Column("fulfilments", {"en": "Parcels", "es": "Paquetes"}, "json"),
        Column("refunds", {"en": "Refunds", "es": "Reembolsos"}, "json"),
        Column("note", {"en": "The buyer's note", "es": "Nota del comprador"}),
        Column("staff_note", {"en": "Note for staff", "es": "Nota interna"}),
        Column("timeline", {"en": "Timeline", "es": "Historial"}, "json"),
    ),
    edit=Act("correct", {"en": "Correct", "es": "Corregir"}, "PATCH", _ADMIN),
    acts=(
        Act("fulfil", {"en": "Send a parcel", "es": "Enviar paquete"}, "POST", f"{_ADMIN}/fulfilments", when=_OPEN),
        Act(
            "received",
            {"en": "Payment received", "es": "Pago recibido"},
            "POST",
            f"{_ADMIN}/payments/received",
            when=("payment_status", ("pending", "failed")),
            confirm={"en": "Has the money of this order arrived?", "es": "¿Ha llegado el dinero de este pedido?"},
        ),
        Act(
            "capture",
            {"en": "Capture the payment", "es": "Cobrar el pago"},
            "POST",
            f"{_ADMIN}/payments/capture",
            when=("payment_status", ("authorized",)),
        ),
        Act(
            "refund",
            {"en": "Refund", "es": "Reembolsar"},
            "POST",
            f"{_ADMIN}/refunds",
            when=("payment_status", ("paid", "partially_refunded")),
            confirm={"en": "Give this money back?", "es": "¿Devolver este dinero?"},
        ),
        Act(
            "cancel",
            {"en": "Cancel", "es": "Cancelar"},
            "POST",
            f"{_ADMIN}/cancel",
            when=_OPEN,
            confirm={"en": "Cancel what is not sent?", "es": "¿Cancelar lo que no se ha enviado?"},
        ),
        Act("note", {"en": "Add a note", "es": "Añadir nota"}, "POST", f"{_ADMIN}/notes"),
    ),
)

RETURNS = AdminSection(
    name="returns",
    title={"en": "Returns", "es": "Devoluciones"},
    group="sales",
    list_path="/api/admin/returns",
    item_path=_RETURN,
    filters=("status",),
    empty={
        "en": "No return matches. Buyers ask for one on the page of their order.",
        "es": "Ninguna devolución coincide. Los compradores la piden en la página de su pedido.",
    },
    columns=(
        Column("requested_at", {"en": "Asked for", "es": "Solicitada"}, "moment"),
        Column("order_number", {"en": "Order", "es": "Pedido"}),
        Column("reason", {"en": "Reason", "es": "Motivo"}),
        Column("wish", {"en": "Wish", "es": "Deseo"}),
        Column("status", {"en": "Status", "es": "Estado"}, "status"),
    ),
    details=(
        Column("order_number", {"en": "Order", "es": "Pedido"}),
        Column("status", {"en": "Status", "es": "Estado"}, "status"),
        Column("reason", {"en": "Reason", "es": "Motivo"}),
        Column("wish", {"en": "Wish", "es": "Deseo"}),
        Column("note", {"en": "The buyer's note", "es": "Nota del comprador"}),
        Column("answer", {"en": "Answer", "es": "Respuesta"}),
        Column("items", {"en": "Items", "es": "Artículos"}, "json"),
        Column("refunds", {"en": "Refunds", "es": "Reembolsos"}, "json"),
    ),
    acts=(
        Act(
            "approve",
            {"en": "Approve", "es": "Aceptar"},
            "POST",
            f"{_RETURN}/approve",
            when=("status", ("requested",)),
        ),
        Act(
            "reject",
            {"en": "Decline", "es": "Rechazar"},
            "POST",
            f"{_RETURN}/reject",
            when=("status", ("requested", "approved")),
        ),
        Act(
            "receive",
            {"en": "Has arrived", "es": "Ha llegado"},
            "POST",
            f"{_RETURN}/receive",
            when=("status", ("approved",)),
        ),
    ),
)
