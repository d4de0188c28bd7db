"""Settings of the catalog; secrets come from the environment only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_catalog.media.settings import MediaSettings


class CatalogSettings(MediaSettings):
    """The table `[modules.catalog.settings]`."""

    facet_attributes: Annotated[
        int, Field(ge=0, le=100, description="Attributes with facets in one answer, those of most products first")
    ] = 12
    facet_values: Annotated[int, Field(ge=1, le=1000, description="Most frequent values of one facet")] = 20
    low_stock_at: Annotated[
        int, Field(ge=0, le=1_000_000, description="A variant of which so many are left, or fewer, runs short")
    ] = 5
    search_log_days: Annotated[int, Field(ge=1, le=3660, description="Days that counts of searches are kept")] = 180
