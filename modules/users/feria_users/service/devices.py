"""Devices: a readable name for each, and a mail when an account is used from one that it was not used from before."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

from feria_core import clock, db
from feria_users.repository import devices
from feria_users.service import guards, mails

# The first that fits counts: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/|\bOpera\b")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS|Chromium)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("Android", re.compile(r"\bAndroid\b")),
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
# No dots or slashes: what a stranger calls his device becomes no link in a mail.
_OTHER = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,39}")
_VERSION = re.compile(r"[/ ]v?\d+(?:[._]\d+)*|\brv:[\d.]+")


def device_name(user_agent: str | None) -> str | None:
    """Return e.g. "Firefox on Linux", or None for a device that says nothing readable."""
    if not user_agent:
        return None
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    if browser or system:
        return browser or system
    other = _OTHER.match(user_agent)
    return other[0].strip() if other else None


def device_hash(account_id: UUID, user_agent: str | None) -> bytes:
    """Return what the device is known by.

    Versions do not count: a browser that has updated itself is no new device.
    """
    looks = _VERSION.sub("", user_agent or "")
    return hashlib.sha256(f"{account_id}:{looks}".encode("utf-8", "surrogatepass")).digest()


async def note(account: db.Row, user_agent: str | None) -> None:
    """Remember the device in the caller's transaction; mail the owner where others are known and this one is not."""
    now = clock.now()
    if not await devices.note(device_hash(account["id"], user_agent), account["id"], now=now):
        return
    if await guards.may_mail("new_device", account["email_normalized"]):
        await mails.send_new_device(account["email"], locale=account["locale"], device=device_name(user_agent), at=now)


def _first(known: tuple[tuple[str, re.Pattern[str]], ...], user_agent: str) -> str | None:
    return next((name for name, pattern in known if pattern.search(user_agent)), None)
