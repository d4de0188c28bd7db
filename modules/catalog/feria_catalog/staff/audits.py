"""Audit rows of edits: what is different, and nothing else."""

from __future__ import annotations

from pydantic import BaseModel

from feria_core import audit


async def record_changes(action: str, object_type: str, object_id: object, before: BaseModel, after: BaseModel) -> None:
    """Write one audit row with the fields that differ, in the caller's transaction."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changed = [name for name in new if old.get(name) != new[name]]
    await audit.record(
        action, object_type, object_id,
        before={name: old.get(name) for name in changed}, after={name: new[name] for name in changed},
    )  # fmt: skip
