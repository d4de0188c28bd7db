"""What a deployment may choose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_core.module import ModuleSettings


class GiftNotesSettings(ModuleSettings):
    """The table `[modules.gift_notes.settings]`."""

    keep_days: Annotated[int, Field(ge=1, le=3650, description="For how many days a note is kept after its order")] = (
        365
    )
