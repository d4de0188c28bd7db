"""What this module offers the others."""

from __future__ import annotations

from feria_core.contracts.orders import ORDERS
from feria_core.ports import Registry
from feria_orders.service import OrderService


def register(registry: Registry) -> None:
    """Answer the port `orders`."""
    registry.provide(ORDERS, OrderService(), module="orders")
