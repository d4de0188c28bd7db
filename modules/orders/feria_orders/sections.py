"""Orders' sections of the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column, Download, Look, Part, Rows

_ADMIN, _RETURN = "/api/admin/orders/{number}", "/api/admin/returns/{id}"
_OPEN = ("status", ("open",))
_KEYS, _LABEL = {"item_id": "id"}, ("name", "sku")
_TO_SEND = Rows("items", _KEYS, _LABEL, {"quantity": ("quantity", "shipped", "cancelled")}, filled=("quantity",))
_TO_CANCEL = Rows("items", _KEYS, _LABEL, {"quantity": ("quantity", "shipped", "cancelled")}, filled=("quantity",))
_TO_REFUND = Rows("items", _KEYS, _LABEL, {"quantity": ("quantity", "refunded", "cancelled")})
_ARRIVED = Rows(
    "items", {"item_id": "item_id"}, _LABEL, {"resellable": ("quantity",), "damaged": ("quantity",)},
    filled=("resellable",),
)  # fmt: skip
_ITEMS = Column(
    "items", {"en": "Items", "es": "Artículos"}, "table",
    (
        Column("image.url", {"en": "Picture", "es": "Imagen"}, "image"),
        Column("name", {"en": "Item", "es": "Artículo"}),
        Column("sku", {"en": "SKU", "es": "SKU"}),
        Column("unit_price", {"en": "Each", "es": "Precio"}, "money"),
        Column("quantity", {"en": "Ordered", "es": "Pedidos"}, "number"),
        Column("shipped", {"en": "Sent", "es": "Enviados"}, "number"),
        Column("returned", {"en": "Returned", "es": "Devueltos"}, "number"),
        Column("total", {"en": "Total", "es": "Total"}, "money"),
    ),
)  # fmt: skip
_REFUNDS = Column(
    "refunds", {"en": "Refunds", "es": "Reembolsos"}, "table",
    (
        Column("created_at", {"en": "When", "es": "Cuándo"}, "moment"),
        Column("amount", {"en": "Amount", "es": "Importe"}, "money"),
        Column("kind", {"en": "For", "es": "Por"}, "status"),
        Column("status", {"en": "State", "es": "Estado"}, "status"),
        Column("reason", {"en": "Reason", "es": "Motivo"}),
    ),
)  # fmt: skip
_PARCELS = Part(
    name="parcels",
    title={"en": "Parcels", "es": "Paquetes"},
    member="fulfilments",
    columns=(
        Column("created_at", {"en": "When", "es": "Cuándo"}, "moment"),
        Column("status", {"en": "State", "es": "Estado"}, "status"),
        Column("carrier", {"en": "Carrier", "es": "Transportista"}),
        Column("tracking_number", {"en": "Tracking", "es": "Seguimiento"}),
        Column("tracking_url", {"en": "Follow", "es": "Seguir"}, "link"),
    ),
    empty={"en": "Nothing was sent yet.", "es": "Aún no se ha enviado nada."},
    edit=Act(
        "parcel", {"en": "Change", "es": "Cambiar"}, "PATCH", f"{_ADMIN}/fulfilments/{{row.id}}",
        fields=("status", "carrier", "tracking_number", "tracking_url", "notify"),
    ),
)  # fmt: skip
_MAILS = Look(
    "mail", {"en": "Preview of mails", "es": "Vista previa de correos"}, f"{_ADMIN}/mail-preview",
    (
        Column("to", {"en": "To", "es": "Para"}),
        Column("subject", {"en": "Subject", "es": "Asunto"}),
        Column("html", {"en": "The mail", "es": "El correo"}, "html"),
        Column("text", {"en": "As plain text", "es": "Como texto"}),
    ),
    fields=("mail", "locale", "return_status"),
)  # fmt: skip

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
        _ITEMS,
        Column("subtotal", {"en": "Subtotal", "es": "Subtotal"}, "money"),
        Column("discount_total", {"en": "Discount", "es": "Descuento"}, "money"),
        Column("shipping_total", {"en": "Shipping", "es": "Envío"}, "money"),
        Column("tax_total", {"en": "Tax", "es": "Impuestos"}, "money"),
        Column("grand_total", {"en": "Total", "es": "Total"}, "money"),
        Column("refunded_total", {"en": "Refunded", "es": "Reembolsado"}, "money"),
        Column("customer_id", {"en": "Customer", "es": "Cliente"}, section="customers"),
        Column("shipping_address", {"en": "Ship to", "es": "Enviar a"}, "json"),
        Column("shipping_label", {"en": "Sent by", "es": "Forma de envío"}),
        Column("payment_provider", {"en": "Paid by", "es": "Forma de pago"}),
        Column("codes", {"en": "Codes", "es": "Códigos"}, "json"),
        _REFUNDS,
        Column("note", {"en": "The buyer's note", "es": "Nota del comprador"}),
        Column("staff_note", {"en": "Note for staff", "es": "Nota interna"}),
        Column(
            "timeline", {"en": "Timeline", "es": "Historial"}, "steps",
            (
                Column("at", {"en": "When", "es": "Cuándo"}, "moment"),
                Column("message", {"en": "What", "es": "Qué"}),
                Column("by", {"en": "By", "es": "Por"}, "status"),
            ),
        ),
    ),
    edit=Act("correct", {"en": "Correct", "es": "Corregir"}, "PATCH", _ADMIN),
    acts=(
        Act(
            "fulfil", {"en": "Send a parcel", "es": "Enviar paquete"}, "POST", f"{_ADMIN}/fulfilments", when=_OPEN,
            fields=("items", "carrier", "tracking_number", "tracking_url", "status", "notify"),
            rows={"items": _TO_SEND}, bulk=True),
        Act(
            "received",
            {"en": "Payment received", "es": "Pago recibido"},
            "POST",
            f"{_ADMIN}/payments/received",
            when=("payment_status", ("pending", "failed")),
            confirm={"en": "Has the money of this order arrived?", "es": "¿Ha llegado el dinero de este pedido?"},
            bulk=True,
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
            fields=("items", "amount", "reason", "include_shipping", "restock"),
            rows={"items": _TO_REFUND},
            confirm={"en": "Give this money back?", "es": "¿Devolver este dinero?"},
        ),
        Act(
            "cancel",
            {"en": "Cancel", "es": "Cancelar"},
            "POST",
            f"{_ADMIN}/cancel",
            when=_OPEN,
            rows={"items": _TO_CANCEL},
            confirm={"en": "Cancel what is not sent?", "es": "¿Cancelar lo que no se ha enviado?"}, bulk=True),
        Act("note", {"en": "Add a note", "es": "Añadir nota"}, "POST", f"{_ADMIN}/notes", bulk=True),
    ),
    parts=(_PARCELS,),
    downloads=(Download("invoice", {"en": "Invoice as PDF", "es": "Factura en PDF"}, f"{_ADMIN}/invoice.pdf"),),
    looks=(_MAILS,),
)  # fmt: skip

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
        Column("order_number", {"en": "Order", "es": "Pedido"}, section="orders"),
        Column("status", {"en": "Status", "es": "Estado"}, "status"),
        Column("reason", {"en": "Reason", "es": "Motivo"}),
        Column("wish", {"en": "Wish", "es": "Deseo"}),
        Column("note", {"en": "The buyer's note", "es": "Nota del comprador"}),
        Column("answer", {"en": "Answer", "es": "Respuesta"}),
        Column(
            "items",
            {"en": "Items", "es": "Artículos"},
            "table",
            (
                Column("name", {"en": "Item", "es": "Artículo"}),
                Column("sku", {"en": "SKU", "es": "SKU"}),
                Column("quantity", {"en": "Pieces", "es": "Unidades"}, "number"),
                Column("resellable", {"en": "Arrived whole", "es": "Llegaron bien"}, "number"),
                Column("damaged", {"en": "Damaged", "es": "Dañadas"}, "number"),
            ),
        ),
        Column("refunds", {"en": "Refunds", "es": "Reembolsos"}, "json"),
    ),
    acts=(
        Act(
            "approve",
            {"en": "Approve", "es": "Aceptar"},
            "POST",
            f"{_RETURN}/approve",
            when=("status", ("requested",)),
            bulk=True,
        ),
        Act(
            "reject",
            {"en": "Decline", "es": "Rechazar"},
            "POST",
            f"{_RETURN}/reject",
            when=("status", ("requested", "approved")),
            bulk=True,
        ),
        Act(
            "receive",
            {"en": "Has arrived", "es": "Ha llegado"},
            "POST",
            f"{_RETURN}/receive",
            when=("status", ("approved",)),
            rows={"items": _ARRIVED},
        ),
    ),
)
