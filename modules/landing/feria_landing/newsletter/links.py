"""The links of newsletters; they stand on the configured public URL, whatever a request's Host says."""

from __future__ import annotations

from collections.abc import Sequence

from feria_core.runtime import core_settings, settings
from feria_landing.settings import LandingSettings


def confirm(token: str) -> str:
    """Return the link that confirms a subscription."""
    return f"{_base()}/api/subscribe/confirm?token={token}"


def unsubscribe(token: str) -> str:
    """Return the link that ends it."""
    return f"{_base()}/api/unsubscribe?token={token}"


def names(lists: Sequence[str]) -> str:
    """Return the newsletters' names; a code that is no longer configured stands for itself."""
    known = settings(LandingSettings).lists
    return ", ".join(known.get(code, code) for code in lists)


def _base() -> str:
    return core_settings().public_url.rstrip("/")
