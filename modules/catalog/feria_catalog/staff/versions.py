"""Optimistic locking of what staff edit."""

from __future__ import annotations

from feria_core.errors import StaleVersion


def check(stored: int, given: int | None) -> None:
    """Raise StaleVersion where another version than the stored one was edited; None edits any."""
    if given is not None and given != stored:
        raise StaleVersion(
            f"Version {given} was edited, {stored} is stored: read it again and repeat the change.",
            members={"version": stored},
        )
