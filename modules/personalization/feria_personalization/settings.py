"""What a deployment may choose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_core.module import ModuleSettings


class PersonalizationSettings(ModuleSettings):
    """The table `[modules.personalization.settings]`."""

    recording: Annotated[bool, Field(description="False: nobody's activity is recorded or used")] = True
    activity_days: Annotated[int, Field(ge=1, le=3650, description="For how many days activity is kept")] = 395
    sales_days: Annotated[int, Field(ge=30, le=3650, description="For how many days sales are learned from")] = 1095
    model_max_age_days: Annotated[
        int, Field(ge=1, le=365, description="An older model is not used: popular products take its place")
    ] = 14
    alerts_to: Annotated[
        str | None,
        Field(max_length=254, description="Who is told of a model that is too old; without it the sender of mails"),
    ] = None
    training_gives_way: Annotated[
        bool, Field(description="Training is held while others use a quarter of the machine; false on one of its own")
    ] = True
    models_kept: Annotated[int, Field(ge=2, le=20, description="How many models can be gone back to, in service's")] = 3
    held_out_percent: Annotated[
        int, Field(ge=0, le=50, description="Share of people who see popular products, to compare with")
    ] = 5
    attribution_days: Annotated[
        int, Field(ge=1, le=90, description="A purchase within so many days of a click or an answer counts for it")
    ] = 7
    min_support: Annotated[
        int, Field(ge=1, le=100, description="In how many baskets or visits two products meet to be neighbours")
    ] = 1
    consumable_categories: Annotated[
        tuple[str, ...], Field(description="Slugs of categories whose products are bought again and again")
    ] = ()
