"""The blueprint of the pages, with every route on it."""

from __future__ import annotations

from feria_admin.pages import (
    account,
    acting,
    analytics,
    browsing,
    bulk,
    exporting,
    home,
    looking,
    modules_page,
    reporting,
    standing_in,
)
from feria_admin.pages.signing_in import blueprint

__all__ = [
    "account", "acting", "analytics", "blueprint", "browsing", "bulk", "exporting", "home", "looking", "modules_page",
    "reporting", "standing_in",
]  # fmt: skip
