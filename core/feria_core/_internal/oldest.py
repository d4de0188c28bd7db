"""Which version of a module still runs on a database that a newer one has migrated: expand first, contract later.

A migration that only adds says so with `OLDEST = "1.0"`: code from 1.0 on runs on after it, so that processes of both
versions serve side by side. One that says nothing is for its own version: older code refuses to start after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from feria_core.errors import StartRefused

if TYPE_CHECKING:
    from feria_core._internal.migrations import App

NAME = "OLDEST"
# Where it is kept, in the row of aerich's own table: for the code that does not have the file.
KEY = "feria.oldest"
RECORD = "UPDATE aerich SET content = content || jsonb_build_object($1::text, $2::text) WHERE app = $3 AND version = $4"


def oldest_of(app: App, name: str) -> str | None:
    """Return the version that the file names, None where it names none. Raises StartRefused for what is no version."""
    found = re.search(rf'^{NAME} = "([^"]*)"$', (app.folder / name).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        return None
    try:
        return str(Version(found[1]))
    except InvalidVersion as error:
        raise StartRefused(
            f"{NAME} = '{found[1]}' in {name} of '{app.name}' is no version: write one like '1.0'"
        ) from error


async def record(connection: Any, app: App, name: str) -> None:
    """Keep what the file says, in the transaction of its statements."""
    oldest = oldest_of(app, name)
    if oldest is not None:
        await connection.execute_query(RECORD, [KEY, oldest, app.name, name])


async def recorded(connection: Any) -> dict[tuple[str, str], str]:
    """Return what applied migrations said, by app and file."""
    if await connection.fetchval("SELECT to_regclass('aerich')") is None:
        return {}
    rows = await connection.fetch("SELECT app, version, content ->> $1 AS oldest FROM aerich WHERE content ? $1", KEY)
    return {(row["app"], row["version"]): row["oldest"] for row in rows}


def refuse_ahead(app: App, ahead: Iterable[str], said: dict[tuple[str, str], str]) -> None:
    """Raise StartRefused where the code of `app` cannot run after one of the newer migrations `ahead`."""
    for name in sorted(ahead):
        oldest = said.get((app.name, name))
        if oldest is not None and Version(app.version) >= Version(oldest):
            continue
        why = f", for {oldest} and newer, and {app.version} is installed" if oldest else ""
        raise StartRefused(
            f"the database has migration '{name}' of '{app.name}', which this version of the code does not{why}: "
            f"install the newer feria-{app.name}, or undo it there with `feria migrate down {app.name}`"
        )
