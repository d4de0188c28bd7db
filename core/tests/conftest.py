"""A module that exists for these tests alone: one event, two subscribers, some jobs."""

from __future__ import annotations

import dataclasses
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from feria_core.contracts.events import Event
from feria_core.module import Job, Subscription
from feria_core.runtime import current, use


@dataclass(frozen=True)
class Rang(Event):
    """A bell rang so many times."""

    name: ClassVar[str] = "probe.rang"
    times: int


@pytest.fixture
def probe(database: None) -> Iterator[types.ModuleType]:
    """A module whose handlers and jobs the test sets: `probe.hear`, `probe.listen`, `probe.work`."""
    module = types.ModuleType("feria_probe")
    module.Rang = Rang  # type: ignore[attr-defined]
    module.heard = []  # type: ignore[attr-defined]

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    module.hear = module.listen = module.work = nothing  # type: ignore[attr-defined]
    sys.modules["feria_probe"] = module
    before = current()
    use(
        dataclasses.replace(
            before,
            jobs={**before.jobs, "probe.work": Job("probe.work", "feria_probe:work", timeout_s=2, max_attempts=3)},
            subscriptions={
                "probe.rang": (
                    ("probe.hear", Subscription(Rang, "feria_probe:hear", max_attempts=3)),
                    ("probe.listen", Subscription(Rang, "feria_probe:listen", max_attempts=3)),
                )
            },
        )
    )
    yield module
    use(before)
    del sys.modules["feria_probe"]
