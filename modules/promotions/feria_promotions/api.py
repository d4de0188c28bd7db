"""What shoppers see of flash sales."""

from __future__ import annotations

from feria_core.cache import Cached
from feria_core.http import PUBLIC, ApiBlueprint
from feria_promotions import flash_sales
from feria_promotions.flash_schemas import PublicFlashSales

blueprint = ApiBlueprint("promotions", __name__)

# The share sold may be this old; edges are exact, since no answer outlives one.
_KEPT = Cached(tags=(flash_sales.TAG,), max_age_s=2)


@blueprint.endpoint("GET", "/api/flash-sales", access=PUBLIC, returns=PublicFlashSales, cached=_KEPT)
async def list_flash_sales() -> bytes:
    """Running and announced flash sales with the time left and the share sold, by the server's clock."""
    return await flash_sales.shown()
