"""What this module offers the others."""

from __future__ import annotations

from feria_core.contracts.admin import ADMIN_SECTIONS, DASHBOARD_PARTS
from feria_core.contracts.analytics import ANALYTICS_SOURCES
from feria_core.contracts.orders import ORDER_HISTORY, ORDERS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry
from feria_orders import sections
from feria_orders.figures.parts import PARTS
from feria_orders.figures.sources import SOURCES
from feria_orders.history import PlacedOrders
from feria_orders.personal_data import OrderData
from feria_orders.service import OrderService


def register(registry: Registry) -> None:
    """Answer the ports `orders` and `order_history`, contribute to `personal_data`, the sections,
    figures and the dashboard of staff.
    """
    registry.provide(ORDERS, OrderService(), module="orders")
    registry.provide(ORDER_HISTORY, PlacedOrders(), module="orders")
    registry.contribute(PERSONAL_DATA, OrderData(), module="orders", order=30)
    registry.contribute(ADMIN_SECTIONS, sections.ORDERS, module="orders", order=10)
    registry.contribute(ADMIN_SECTIONS, sections.RETURNS, module="orders", order=11)
    for source in SOURCES:
        registry.contribute(ANALYTICS_SOURCES, source, module="orders", order=10)
    for part in PARTS:
        registry.contribute(DASHBOARD_PARTS, part, module="orders", order=10)
