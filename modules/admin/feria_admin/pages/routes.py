"""The blueprint of the pages, with every route on it."""

from __future__ import annotations

from feria_admin.pages import acting, browsing, exporting, home, reporting
from feria_admin.pages.signing_in import blueprint

__all__ = ["acting", "blueprint", "browsing", "exporting", "home", "reporting"]
