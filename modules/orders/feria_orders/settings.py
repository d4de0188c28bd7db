"""What a deployment may choose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_core.module import ModuleSettings


class OrdersSettings(ModuleSettings):
    """The table `[modules.orders.settings]`."""

    guest_link_days: Annotated[
        int, Field(ge=1, le=3650, description="For how many days the link in a guest's mail opens the order")
    ] = 180
    draft_days: Annotated[
        int,
        Field(
            ge=1,
            le=90,
            description="After how many days without a change an unpaid draft is deleted; "
            "longer than the slowest payment method takes",
        ),
    ] = 7
