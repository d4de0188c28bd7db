"""What this module offers the others."""

from __future__ import annotations

from feria_core.contracts.admin import ADMIN_SECTIONS, DASHBOARD_PARTS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.contracts.sitemap import SITEMAP_SOURCES
from feria_core.ports import Registry
from feria_landing.events.sitemap import EventSitemap
from feria_landing.personal_data import LandingData
from feria_landing.sections import MESSAGES, SECTIONS


def register(registry: Registry) -> None:
    """Contribute the pages of events, the staff's sections, and what is known of a person."""
    registry.contribute(SITEMAP_SOURCES, EventSitemap(), module="landing")
    registry.contribute(PERSONAL_DATA, LandingData(), module="landing")
    for section in SECTIONS:
        registry.contribute(ADMIN_SECTIONS, section, module="landing")
    registry.contribute(DASHBOARD_PARTS, MESSAGES, module="landing", order=40)
