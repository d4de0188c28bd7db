"""Values as people read them. Everything here is text for the template to escape, but for cleaned rich text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from babel import Locale
from markupsafe import Markup

from feria_core.contracts.money import Money
from feria_core.html import clean_html, plain_text
from feria_core.money import format_money

NOTHING = "—"
IN_A_LIST = 120
TONES = {
    "good": {"active", "approved", "confirmed", "delivered", "done", "live", "paid", "published", "sent", "won"},
    "bad": {"cancelled", "dead", "failed", "flagged", "lost", "rejected", "refused", "spam", "suppressed"},
    "waiting": {
        "authorized",
        "draft",
        "new",
        "open",
        "partially_refunded",
        "pending",
        "queued",
        "requested",
        "sending",
    },
}


def words(name: str) -> str:
    """Return a member's name as words: "starts_at" is "Starts at"."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def tone(value: Any) -> str:
    """Return how a status is coloured; its text says the same."""
    return next((name for name, values in TONES.items() if str(value) in values), "plain")


def money(value: Any, locale: str) -> str:
    """Return an amount with its currency, or the value as it is where it is none."""
    if is_money(value):
        try:
            return format_money(Money(value["amount"], value["currency"]), str(Locale.parse(locale)))
        except (ValueError, TypeError):
            return text(value)
    return text(value)


def is_money(value: Any) -> bool:
    """Return True for an object of amount and currency."""
    return (
        isinstance(value, Mapping) and isinstance(value.get("amount"), int) and isinstance(value.get("currency"), str)
    )


def moment(value: Any) -> str:
    """Return a moment in UTC to the minute, or the value as it is."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return text(value)
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at.tzinfo else text(value)


def text(value: Any) -> str:
    """Return any value as text."""
    if value is None or value in ("", [], {}):
        return NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def short(value: Any) -> str:
    """Return any value as text that fits into a list."""
    whole = text(value)
    return whole if len(whole) <= IN_A_LIST else whole[: IN_A_LIST - 1] + "…"


def rich(value: Any) -> Markup:
    """Return rich text as `feria_core.html` cleans it: the one value that is not escaped."""
    return Markup(clean_html(str(value or "")))  # noqa: S704 - cleaned by an allow-list on this very line


def plain(value: Any) -> str:
    """Return rich text without its elements, for a list."""
    return short(plain_text(clean_html(str(value or ""))))


def picture(value: Any) -> str | None:
    """Return the address of an image of this server, or None: others are not loaded."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("url") or value.get("src")
    is_own = isinstance(value, str) and value.startswith("/") and not value.startswith(("//", "/\\"))
    return value if is_own else None
