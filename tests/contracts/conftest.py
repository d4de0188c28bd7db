"""Contracts import their helpers from this folder, and those for real processes from the journeys."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]


@pytest_asyncio.fixture(loop_scope="session")
async def shop(app: Any, database: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A shop with something behind every path, and a guest, a customer and staff to ask as."""
    from hostile_shop import open_shop

    with monkeypatch.context() as cheap:
        _hash_cheaply(cheap)
        async with open_shop(app) as opened:
            yield opened


def _hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of passwords are tried here, and what one costs is not the question."""
    from feria_users.service import hash_work, hashing

    monkeypatch.setattr(hashing, "_COST", (1, 8, 1))
    monkeypatch.setattr(hashing, "_DUMMY", hash_work.hashed("nobody's", cost=hashing._COST))
