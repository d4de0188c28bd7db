"""The figures of orders as reports see them."""

from __future__ import annotations

from feria_core.contracts.analytics import Balance, Measure, Rate, Source
from feria_core.contracts.orders import OrderPaid, OrderPlaced, OrdersAttached
from feria_core.figures import counting, first
from feria_orders.figures import queries

_ORDERS = {"en": "Orders", "es": "Pedidos"}

SALES = Source(
    name="orders.sales",
    report="sales",
    title={"en": "Sales", "es": "Ventas"},
    measures=(
        Measure("orders", _ORDERS),
        Measure("items", {"en": "Pieces", "es": "Piezas"}),
        Measure("subtotal", {"en": "Goods", "es": "Artículos"}, "money"),
        Measure("discounts", {"en": "Discounts", "es": "Descuentos"}, "money"),
        Measure("shipping", {"en": "Shipping", "es": "Envío"}, "money"),
        Measure("tax", {"en": "Tax", "es": "Impuestos"}, "money"),
        Measure("total", {"en": "Sold", "es": "Vendido"}, "money"),
        Measure("refunds", {"en": "Refunds", "es": "Reembolsos"}),
        Measure("refunded", {"en": "Refunded", "es": "Reembolsado"}, "money"),
        Measure("cancelled", {"en": "Cancelled", "es": "Cancelados"}),
        Measure("voided", {"en": "Cancelled unpaid", "es": "Cancelado sin pagar"}, "money"),
    ),
    rates=(
        Balance("net", {"en": "Net", "es": "Neto"}, "total", ("refunded", "voided")),
        Rate("average_order", {"en": "Average order", "es": "Pedido medio"}, "total", "orders"),
        Rate("refund_rate", {"en": "Refunded share", "es": "Parte reembolsada"}, "refunded", "total"),
    ),
    figures=counting(queries.SALES),
    kept_since=first(queries.FIRST_ORDER),
    events=(OrderPaid,),
    touched=queries.cancelled_at,
)

PRODUCTS = Source(
    name="orders.products",
    report="products",
    title={"en": "Products", "es": "Productos"},
    measures=(
        Measure("units", {"en": "Pieces", "es": "Piezas"}),
        Measure("revenue", {"en": "Sold", "es": "Vendido"}, "money"),
        Measure("orders", _ORDERS),
        Measure("refunded_units", {"en": "Pieces refunded", "es": "Piezas reembolsadas"}),
        Measure("refunded", {"en": "Refunded", "es": "Reembolsado"}, "money"),
    ),
    rates=(Rate("average_price", {"en": "Average price", "es": "Precio medio"}, "revenue", "units"),),
    figures=counting(queries.PRODUCTS, has_keys=True),
    kept_since=first(queries.FIRST_ORDER),
    has_keys=True,
    titles=queries.product_names,
)

PROMOTIONS = Source(
    name="orders.promotions",
    report="promotions",
    title={"en": "Promotions", "es": "Promociones"},
    measures=(
        Measure("orders", _ORDERS),
        Measure("discounts", {"en": "Discounts", "es": "Descuentos"}, "money"),
        Measure("total", {"en": "Sold", "es": "Vendido"}, "money"),
    ),
    figures=counting(queries.PROMOTIONS, has_keys=True),
    kept_since=first(queries.FIRST_ORDER),
    has_keys=True,
    titles=queries.code_titles,
)

CUSTOMERS = Source(
    name="orders.customers",
    report="customers",
    title={"en": "Customers", "es": "Clientes"},
    measures=(
        Measure("guest_orders", {"en": "Orders of guests", "es": "Pedidos de invitados"}),
        Measure("customer_orders", {"en": "Orders of accounts", "es": "Pedidos de cuentas"}),
        Measure("new_customers", {"en": "First orders", "es": "Primeros pedidos"}),
        Measure("returning_orders", {"en": "Orders of returning", "es": "Pedidos de recurrentes"}),
        Measure("came_back", {"en": "New who came back", "es": "Nuevos que volvieron"}),
    ),
    rates=(
        Rate("repeat_rate", {"en": "Repeat rate", "es": "Tasa de repetición"}, "came_back", "new_customers"),
        Rate("returning_share", {"en": "Share of returning", "es": "Parte de recurrentes"}, "returning_orders",
             "customer_orders"),
    ),
    figures=counting(queries.CUSTOMERS),
    kept_since=first(queries.FIRST_ORDER),
    events=(OrderPlaced, OrdersAttached),
    touched=queries.orders_of_buyer,
)  # fmt: skip

FUNNEL = Source(
    name="orders.funnel",
    report="funnel",
    title={"en": "From visit to order", "es": "De la visita al pedido"},
    measures=(Measure("orders", {"en": "Orders of carts", "es": "Pedidos de carritos"}),),
    rates=(
        Rate("completed", {"en": "Checkouts completed", "es": "Compras completadas"}, "orders", "checkouts"),
        Rate("conversion", {"en": "Conversion", "es": "Conversión"}, "orders", "carts"),
    ),
    figures=counting(queries.FUNNEL),
    kept_since=first(queries.FIRST_ORDER),
)

SOURCES = (SALES, PRODUCTS, PROMOTIONS, CUSTOMERS, FUNNEL)
