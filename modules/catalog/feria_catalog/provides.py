"""What the catalog answers to other modules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_catalog import figures, offers
from feria_catalog.admin_sections import SECTIONS
from feria_catalog.feeds.sitemap import CategorySitemap, ProductSitemap
from feria_catalog.media.provides import ShopMedia
from feria_catalog.settings import CatalogSettings
from feria_catalog.shown import ShownProducts
from feria_catalog.stock import holds, levels
from feria_core.contracts.admin import ADMIN_SECTIONS, DASHBOARD_PARTS
from feria_core.contracts.analytics import ANALYTICS_LISTINGS, ANALYTICS_SOURCES
from feria_core.contracts.catalog import CATALOG, PRODUCTS, Offer, StockLine
from feria_core.contracts.media import MEDIA
from feria_core.contracts.sitemap import SITEMAP_SOURCES
from feria_core.ports import Registry
from feria_core.runtime import settings


class ShopCatalog:
    """The port Catalog over this module's tables."""

    async def offers(
        self,
        variant_ids: Collection[UUID],
        *,
        quantities: Mapping[UUID, int] | None = None,
        group: str | None = None,
        holder: UUID | None = None,
    ) -> Mapping[UUID, Offer]:
        """Return the known variants among `variant_ids`; drafts and archived ones with is_sold False."""
        return await offers.find(variant_ids, quantities=quantities, group=group, holder=holder)

    async def hold(self, holder: UUID, lines: Sequence[StockLine], *, until: datetime) -> None:
        """Hold stock for `holder` until `until`, all lines or none. Raises OutOfStock."""
        await holds.hold(holder, lines, until=until)

    async def extend_hold(self, holder: UUID, *, until: datetime) -> bool:
        """Prolong the holder's hold; False where it has none any more."""
        return await holds.extend(holder, until=until)

    async def release_hold(self, holder: UUID) -> None:
        """Give the held stock back."""
        await holds.release(holder)

    async def sell_held(self, holder: UUID, *, reference: str) -> None:
        """Turn the holder's hold into a sale. Raises HoldMissing where there is none."""
        await holds.sell(holder, reference=reference)

    async def sell(self, holder: UUID, lines: Sequence[StockLine], *, reference: str) -> None:
        """Sell exactly these lines, out of the holder's hold where it has them. Raises OutOfStock."""
        await holds.sell_lines(holder, lines, reference=reference)

    async def return_stock(self, lines: Sequence[StockLine], *, reason: str, reference: str) -> None:
        """Put stock back that was sold."""
        await levels.put_back(lines, reason=reason, reference=reference)


def register(registry: Registry) -> None:
    """Offer the catalog to the other modules."""
    settings(CatalogSettings).check_media()
    registry.provide(CATALOG, ShopCatalog(), module="catalog")
    registry.provide(PRODUCTS, ShownProducts(), module="catalog")
    registry.contribute(SITEMAP_SOURCES, ProductSitemap(), module="catalog", order=10)
    registry.contribute(SITEMAP_SOURCES, CategorySitemap(), module="catalog", order=20)
    registry.provide(MEDIA, ShopMedia(), module="catalog")
    for order, section in enumerate(SECTIONS, 1):
        registry.contribute(ADMIN_SECTIONS, section, module="catalog", order=order)
    registry.contribute(ANALYTICS_SOURCES, figures.SEARCH, module="catalog")
    registry.contribute(ANALYTICS_LISTINGS, figures.SLOW, module="catalog")
    registry.contribute(ANALYTICS_LISTINGS, figures.SHORT, module="catalog")
    registry.contribute(DASHBOARD_PARTS, figures.LOW_STOCK, module="catalog", order=20)
