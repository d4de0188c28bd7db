"""Settings of the table `[modules.cart.settings]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from feria_cart.merging import Policy
from feria_core.module import ModuleSettings


class CartSettings(ModuleSettings):
    """Bounds of a cart, and how long an untouched one is kept."""

    max_quantity: Annotated[int, Field(ge=1, le=1_000_000, description="Largest quantity of one line")] = 9_999
    max_lines: Annotated[int, Field(ge=1, le=1_000, description="Most lines of one cart")] = 200
    max_codes: Annotated[int, Field(ge=1, le=50, description="Most discount codes of one cart")] = 10
    max_pieces: Annotated[
        int | None, Field(ge=1, le=1_000_000_000, description="Most pieces of all lines together; none: any number")
    ] = None
    minimum_order: Annotated[
        int,
        Field(
            ge=0, le=1_000_000_000_000, description="Least order, minor units of the shop's currency, before discounts"
        ),
    ] = 0
    max_saved: Annotated[int, Field(ge=1, le=1_000, description="Most items saved for later by one owner")] = 200
    merge_policy: Annotated[
        Policy, Field(description="Whose quantity counts where both carts hold an item: sum, max, guest or user")
    ] = Policy.SUM
    restore_link_days: Annotated[int, Field(ge=1, le=365, description="Days for which a link to a cart works")] = 14
    reminder_delays_minutes: Annotated[
        tuple[Annotated[int, Field(ge=5, le=100_000)], ...],
        Field(
            max_length=3, description="Minutes after a cart's last change at which its owner is reminded; none: never"
        ),
    ] = (60, 1_440, 4_320)
    reminder_report_days: Annotated[
        int, Field(ge=1, le=3_650, description="Days for which the report knows of reminded carts")
    ] = 400
    recovery_days: Annotated[
        int, Field(ge=1, le=365, description="Days after its last reminder within which an order counts as recovered")
    ] = 14
    expire_after_days: Annotated[
        int, Field(ge=1, le=3_650, description="Days after its last change at which a cart is deleted")
    ] = 90
    max_wishes: Annotated[int, Field(ge=1, le=1_000, description="Most items of one wish list")] = 200
    max_wishlists: Annotated[
        int, Field(ge=0, le=1_000, description="Most wish lists of one person, beside the default one")
    ] = 20
    max_alerts: Annotated[int, Field(ge=1, le=10_000, description="Most alerts of one person that wait")] = 500
    price_drop_percent: Annotated[
        int, Field(ge=0, le=99, description="How much a price must fall for an alert, percent; 0: any drop")
    ] = 0
    link_key: Annotated[
        SecretStr | None,
        Field(min_length=32, description="Key of share and unsubscribe links; without it one is kept in the database"),
    ] = None
