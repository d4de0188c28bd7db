"""The state file: what lets payments outlive a restart of the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from feria_core.testing.files import write_atomically
from feria_core.testing.gateway.idempotency import Answer
from feria_core.testing.gateway.records import LedgerState


class Saved(msgspec.Struct):
    """The document in the file."""

    ledger: LedgerState = msgspec.field(default_factory=LedgerState)
    answers: dict[str, Answer] = {}


def load(path: Path | None) -> Saved:
    """Return what the file holds, or an empty state where there is no file.

    Raises ValueError naming the file where it holds something else.
    """
    if path is None or not path.exists():
        return Saved()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Saved)
    except msgspec.DecodeError as err:
        raise ValueError(f"{path} does not hold the state of the fake gateway ({err}): delete it") from err


class Store:
    """Writes the state before a request is answered; requests that wait together share one write."""

    def __init__(self, path: Path | None, document: Callable[[], Saved]) -> None:
        self._path = path
        self._document = document
        self._lock = asyncio.Lock()
        self._wanted = 0
        self._written = 0

    async def save(self) -> None:
        """Return once all that happened before the call is in the file; at once where there is no file."""
        if self._path is None:
            return
        self._wanted += 1
        mine = self._wanted
        async with self._lock:
            if self._written >= mine:
                return
            covered = self._wanted
            data = msgspec.json.encode(self._document())
            await asyncio.to_thread(write_atomically, self._path, data)
            self._written = covered
