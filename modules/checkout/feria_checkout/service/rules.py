"""The zones as this process knows them: a copy of the tables, proved by the version that each checkout is read with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feria_checkout.repository import zones
from feria_checkout.zones import ShippingZone, TaxZone
from feria_core.runtime import Runtime, current


@dataclass(frozen=True)
class Rules:
    """All zones of one version."""

    version: int
    tax: Sequence[TaxZone]
    shipping: Sequence[ShippingZone]


class _Copy:
    """The copy of the running application: another one may have another database."""

    application: Runtime | None = None
    rules: Rules | None = None


async def rules_of(version: int) -> Rules:
    """Return the zones as they are in `version`; a later one is as good, since it was committed meanwhile."""
    kept = _Copy.rules
    if kept is not None and _Copy.application is current() and kept.version == version:
        return kept
    # Read before the tables: a change in between makes the copy look old, never new.
    now = await zones.version()
    read = Rules(now, await zones.tax_zones(), await zones.shipping_zones())
    _Copy.application, _Copy.rules = current(), read
    return read
