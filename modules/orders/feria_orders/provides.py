"""What this module offers the others."""

from __future__ import annotations

from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.orders import ORDER_HISTORY, ORDERS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry
from feria_orders import sections
from feria_orders.history import PlacedOrders
from feria_orders.personal_data import OrderData
from feria_orders.service import OrderService


def register(registry: Registry) -> None:
    """Answer the ports `orders` and `order_history`, contribute to `personal_data` and `admin_sections`."""
    registry.provide(ORDERS, OrderService(), module="orders")
    registry.provide(ORDER_HISTORY, PlacedOrders(), module="orders")
    registry.contribute(PERSONAL_DATA, OrderData(), module="orders", order=30)
    registry.contribute(ADMIN_SECTIONS, sections.ORDERS, module="orders", order=10)
    registry.contribute(ADMIN_SECTIONS, sections.RETURNS, module="orders", order=11)
