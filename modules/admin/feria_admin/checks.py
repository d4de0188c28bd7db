"""Of `feria doctor`: what is kept of the figures is what the modules' rows say."""

from __future__ import annotations

from feria_admin.analytics import repository as rows
from feria_admin.analytics.keeping import complete_from, sources, summed
from feria_admin.analytics.periods import DAY
from feria_core import db
from feria_core.contracts.analytics import Source

# As many days as a look at the latest takes; `feria analytics rebuild` counts all of them.
LATEST = 31


async def kept_figures_are_right() -> list[str]:
    """Return a sentence for each source whose figures of the last month are not those of its rows."""
    states = await rows.states([source.name for source in sources()])
    return [
        f"the kept figures of '{source.name}' are not those of its rows: `feria analytics rebuild {source.name}`"
        for source in sources()
        if source.name in states and not source.loses_rows and await _differs(source, states[source.name])
    ]


async def _differs(source: Source, state: db.Row) -> bool:
    first = await source.kept_since()
    if first is None or list(state["measures"]) != [measure.name for measure in source.measures]:
        return False
    since = max(complete_from(first, state["kept_from"]), state["kept_from"], state["kept_until"] - LATEST * DAY)
    until = state["kept_until"]
    waiting = await rows.stale([source.name], since, until)
    if since >= until or waiting:
        return False
    counted = summed(await source.figures(since, until), lambda figure: (figure.at, ""))
    kept = await rows.quarters(source.name, since, until)
    return _plain(counted) != _plain(kept)


def _plain(sums: rows.Sums) -> list[tuple[object, ...]]:
    return [(at, currency, tuple(counts)) for at, _, currency, counts in sums if any(counts)]
