"""Settings of the table `[modules.promotions.settings]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_core.module import ModuleSettings


class PromotionsSettings(ModuleSettings):
    """How many wrong codes are borne."""

    wrong_codes_per_address: Annotated[
        int, Field(ge=1, le=100_000, description="Unknown codes of one address in the window before it has to wait")
    ] = 60
    wrong_codes_per_cart: Annotated[
        int, Field(ge=1, le=100_000, description="Unknown codes for one cart in the window before it has to wait")
    ] = 10
    wrong_codes_window_s: Annotated[
        int, Field(ge=1, le=86_400, description="Seconds in which unknown codes are counted")
    ] = 600
