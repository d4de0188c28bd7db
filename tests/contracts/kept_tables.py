"""The database as it was: which tables hold something else by now, and what they held put back."""

from __future__ import annotations

from feria_core import db

# What every request may write, whatever becomes of it; the audit log is append-only, and is asked by request.
BESIDES = ("aerich", "core_audit", "core_audit_chain", "core_audit_head", "core_idempotency", "core_rate_limit")
_TABLES = """
SELECT quote_ident(c.relname) AS name,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL ($1::text[])
ORDER BY c.relname
"""


class Kept:
    """A copy of every table but those of `BESIDES`, made by `keep()`."""

    def __init__(self) -> None:
        self._columns: dict[str, str] = {}
        self._digests: dict[str, str] = {}

    async def keep(self) -> None:
        """Copy what every table holds now."""
        rows = await db.fetch_all(_TABLES, list(BESIDES))
        self._columns = {row["name"]: row["columns"] for row in rows}
        async with db.transaction():
            await db.execute("CREATE SCHEMA kept")
            for name in self._columns:
                await db.execute(f"CREATE TABLE kept.{name} AS TABLE public.{name}")
        self._digests = await self.digests()

    async def changed(self) -> set[str]:
        """Return the tables that hold other rows than they did."""
        now = await self.digests()
        return {name for name, digest in self._digests.items() if now[name] != digest}

    async def put_back(self, tables: set[str]) -> None:
        """Let these tables hold again what they held; no trigger and no foreign key looks on."""
        if not tables:
            return
        async with db.transaction() as opened:
            await db.execute("SET LOCAL session_replication_role = replica")
            for name in tables:
                columns = self._columns[name]
                await db.execute(f"DELETE FROM {name}")
                await db.execute(
                    f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept.{name}"
                )
            opened.tags.add("*")

    async def forget(self) -> None:
        """Drop the copies."""
        await db.execute("DROP SCHEMA IF EXISTS kept CASCADE")

    async def digests(self, *, but: str = "") -> dict[str, str]:
        """Return by table what stands for all that it holds, but for the column of that name."""
        row = f"(to_jsonb(t) - '{but}')::text" if but else "t::text"
        digests = " UNION ALL ".join(
            f"SELECT '{name}' AS name, md5(string_agg({row}, chr(10) ORDER BY {row})) AS digest FROM {name} t"
            for name in self._columns
        )
        return {row["name"]: row["digest"] for row in await db.fetch_all(digests)}
