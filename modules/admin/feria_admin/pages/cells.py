"""Values as people read them. Everything here is text for the template to escape, but for cleaned rich text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from feria_admin.pages.glossary import GLOSSARY
from feria_core.contracts.money import Money
from feria_core.html import clean_html, plain_text
from feria_core.money import exponent, format_money
from feria_core.runtime import core_settings

NOTHING = "—"
IN_A_LIST, KEY_LENGTH, WORD_LENGTH = 120, 8, 24
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TONES = {
    "good": {
        "active", "applied", "approved", "confirmed", "delivered", "done", "fulfilled", "kept", "live", "on", "paid",
        "published", "received", "sent", "shipped", "subscribed", "succeeded", "won",
    },
    "bad": {
        "cancelled", "dead", "disabled", "failed", "flagged", "lost", "off", "rejected", "refused", "spam",
        "suppressed",
    },
    "waiting": {
        "authorized", "draft", "new", "open", "partial", "partially_refunded", "pending", "processing", "queued",
        "requested", "running", "scheduled", "sending", "unfulfilled", "waiting",
    },
}  # fmt: skip


def words(name: str, locale: str = "en") -> str:
    """Return a member's name or a state as words: "starts_at" is "Starts at", in Spanish "Comienza"."""
    known = GLOSSARY.get(locale, {}).get(name)
    if known:
        return known
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def tone(value: Any) -> str:
    """Return how a status is coloured; its text says the same."""
    return next((name for name, values in TONES.items() if str(value) in values), "plain")


def money(value: Any, locale: str) -> str:
    """Return an amount with its currency, or the value as it is where it is none."""
    if is_money(value):
        try:
            return _money(value["amount"], value["currency"], locale)
        except (ValueError, TypeError):
            return text(value)
    return text(value)


@lru_cache(maxsize=4096)
def _money(amount: int, currency: str, locale: str) -> str:
    return format_money(Money(amount, currency), locale)


def decimal(value: Mapping[str, Any]) -> str:
    """Return an amount in units of its currency: "19.99"."""
    return f"{Decimal(value['amount']).scaleb(-exponent(value['currency'])):f}"


def is_money(value: Any) -> bool:
    """Return True for an object of amount and currency."""
    return (
        isinstance(value, Mapping) and isinstance(value.get("amount"), int) and isinstance(value.get("currency"), str)
    )


def moment(value: Any, locale: str) -> str:
    """Return a moment in UTC to the minute, or the value as it is."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return text(value)
    return _moment(at.astimezone(UTC).replace(second=0, microsecond=0), locale) if at.tzinfo else text(value)


@lru_cache(maxsize=4096)
def _moment(at: datetime, locale: str) -> str:
    return str(format_datetime(at, "d MMM y, HH:mm", locale=locale))


def text(value: Any) -> str:
    """Return any value as text."""
    if value is None or value in ("", [], {}):
        return NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def is_word(value: str) -> bool:
    """Return True for a short text that should not be broken."""
    return len(value) <= WORD_LENGTH and " " not in value


def is_key(value: Any) -> bool:
    """Return True for an id that nobody reads."""
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def key_end(value: str) -> str:
    """Return the end of an id: those of one day begin alike."""
    return f"…{value[-KEY_LENGTH:]}"


def line(value: Any, locale: str) -> str:
    """Return a list or an object as one line of words."""
    if is_money(value):
        return money(value, locale)
    if isinstance(value, Mapping):
        return short(
            ", ".join(f"{name}: {line(each, locale)}" for name, each in value.items() if each not in (None, ""))
        )
    if isinstance(value, list):
        return short(", ".join(line(each, locale) for each in value))
    return short(value)


def rounded(value: Any, locale: str) -> str:
    """Return a number as people read it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _rounded(value, locale)
    return short(value)


@lru_cache(maxsize=4096)
def _rounded(value: float, locale: str) -> str:
    return str(format_decimal(value, "#,##0.####", locale=locale))


def percent(value: Any, locale: str) -> str:
    """Return a share as people read it: 0.0312 is "3.1 %"."""
    return format_percent(value, "#,##0.0 %", locale=locale) if isinstance(value, int | float) else short(value)


def share(value: Any) -> str:
    """Return a decimal text of one as a percentage, digit by digit: "0.1325" is "13.25"."""
    try:
        return f"{Decimal(str(value)).scaleb(2).normalize():f}"
    except InvalidOperation:
        return text(value)


def keyed(value: Any) -> Any:
    """Return the values of an object as a list in which each has its name as `key`; a list is one already."""
    if not isinstance(value, Mapping):
        return value
    return [{"key": name, **one} for name, one in value.items() if isinstance(one, Mapping)]


def minor(value: Any, locale: str) -> str:
    """Return an amount in minor units of the shop's currency."""
    return money({"amount": value, "currency": core_settings().currency}, locale)


def web_address(value: Any) -> str | None:
    """Return an address that a link may lead to: of this server, or of the web."""
    is_safe = isinstance(value, str) and value.isprintable() and "\\" not in value
    return value if is_safe and (value.startswith(("https://", "http://")) or picture(value)) else None


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


def drawn_value(value: Any) -> str:
    """Return what a chart draws of a cell; nothing where it is no number."""
    if is_money(value):
        return decimal(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
