"""Settings of the table `[modules.cart.settings]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_core.module import ModuleSettings


class CartSettings(ModuleSettings):
    """Bounds of a cart, and how long an untouched one is kept."""

    max_quantity: Annotated[int, Field(ge=1, le=1_000_000, description="Largest quantity of one line")] = 9_999
    max_lines: Annotated[int, Field(ge=1, le=1_000, description="Most lines of one cart")] = 200
    max_codes: Annotated[int, Field(ge=1, le=50, description="Most discount codes of one cart")] = 10
    expire_after_days: Annotated[
        int, Field(ge=1, le=3_650, description="Days after its last change at which a cart is deleted")
    ] = 90
