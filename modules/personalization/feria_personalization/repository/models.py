"""Statements about trained models: which is in service, which can be gone back to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from feria_core import db
from feria_core.db import Row

NeighbourRow = tuple[int, UUID, Sequence[UUID], Sequence[float]]


async def active() -> Row | None:
    """Return the model in service: version, trained_at; None where none was trained."""
    return await db.fetch_one("SELECT version, trained_at FROM personalization_model WHERE state = 'active'")


async def told_stale(*, trained_before: datetime, now: datetime) -> Row | None:
    """Note that staff are told of the model in service, and return it; None where it is younger, or told of already."""
    return await db.fetch_one(
        "UPDATE personalization_model SET stale_told_at = $2"
        " WHERE state = 'active' AND stale_told_at IS NULL AND trained_at < $1 RETURNING version, trained_at",
        trained_before, now,
    )  # fmt: skip


async def recent(limit: int, *, before: int | None = None) -> Sequence[Row]:
    """Return the newest models (below version `before`) with their reports, those without tables included."""
    return await db.fetch_all(
        "SELECT version, state, trained_at, seconds, report::text AS report FROM personalization_model"
        " WHERE $2::bigint IS NULL OR version < $2 ORDER BY version DESC LIMIT $1",
        limit, before,
    )  # fmt: skip


async def add(*, trained_at: datetime, seconds: float, report: object) -> int:
    """Write a model that is not in service yet; return its version."""
    version: int = await db.fetch_value(
        "INSERT INTO personalization_model (state, trained_at, seconds, report) VALUES ('kept', $1, $2, $3)"
        " RETURNING version",
        trained_at, seconds, orjson.dumps(report).decode(),
    )  # fmt: skip
    return version


async def add_neighbours(version: int, rows: Iterable[NeighbourRow]) -> None:
    """Write neighbour lists: the table's number, the product, its neighbours best first, their weights."""
    await db.execute_many(
        "INSERT INTO personalization_neighbour (version, kind, product_id, neighbours, weights)"
        " VALUES ($1, $2, $3, $4::uuid[], $5::real[])",
        ((version, *row) for row in rows),
    )


async def serve(version: int) -> bool:
    """Put the model into service in place of the one that is; False for one that is unknown or pruned."""
    # Two at once wait for each other here, so that each finds one model in service and leaves one.
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('personalization.model', 0))")
    await db.execute(
        "UPDATE personalization_model SET state = 'kept' WHERE state = 'active' AND version <> $1", version
    )
    return bool(
        await db.execute(
            "UPDATE personalization_model SET state = 'active' WHERE version = $1 AND state <> 'pruned'", version
        )
    )


async def earlier() -> int | None:
    """Return the version to go back to from the one in service, or None."""
    found: int | None = await db.fetch_value(
        "SELECT version FROM personalization_model WHERE state = 'kept'"
        " AND version < (SELECT version FROM personalization_model WHERE state = 'active')"
        " ORDER BY version DESC LIMIT 1"
    )
    return found


async def prune(keep: int) -> int:
    """Delete the tables of all models but the one in service and the `keep` newest; their reports stay."""
    rows = await db.fetch_all(
        "UPDATE personalization_model SET state = 'pruned' WHERE state = 'kept' AND version NOT IN"
        " (SELECT version FROM personalization_model WHERE state <> 'pruned' ORDER BY version DESC LIMIT $1)"
        " RETURNING version",
        keep,
    )
    versions = [row["version"] for row in rows]
    await db.execute("DELETE FROM personalization_neighbour WHERE version = ANY($1::bigint[])", versions)
    return len(versions)
