"""What categories, tags and authors have in common when staff change them."""

from __future__ import annotations

from feria_blog.reading.languages import known
from feria_core import audit, db
from feria_core.errors import Invalid, StaleVersion
from feria_core.http import Out
from feria_core.text import slug_of


def check_version(stored: int, given: int | None) -> None:
    """Raise StaleVersion where another version than the stored one was edited; None edits any."""
    if given is not None and given != stored:
        raise StaleVersion(
            f"Version {given} was edited, {stored} is stored: read it again and repeat the change.",
            members={"version": stored},
        )


def check_names(names: dict[str, str]) -> None:
    """Raise Invalid for a language that the deployment has not."""
    for locale in names:
        if locale not in known():
            message = f"'{locale[:20]}' is no language here: choose one of {', '.join(known())}"
            raise Invalid.field("body", "names", locale[:20], code="unknown_locale", message=message)


async def free_slug(name: str, *tables: str) -> str:
    """Return a free slug for a name, `news`, else `news-2`. The writer's lock keeps it free."""
    wished, number = slug_of(name), 1
    slug = wished
    taken = " UNION ALL ".join(f"SELECT slug FROM {table} WHERE slug = $1" for table in tables)
    while await db.fetch_value(taken, slug) is not None:
        number += 1
        slug = f"{wished}-{number}"
    return slug


async def record_changes(action: str, kind: str, object_id: object, before: Out, after: Out) -> None:
    """Write the audit row with the fields that differ."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    names = [name for name in new if old[name] != new[name]]
    await audit.record(
        action, kind, object_id, before={name: old[name] for name in names}, after={name: new[name] for name in names}
    )
