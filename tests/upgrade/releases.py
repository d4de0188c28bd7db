"""Two modules by others in their releases, each in a folder as an installer leaves it, and a core that is ahead.

`wishes` has a 1.0 and a 1.1, which adds a column and a field to its event; `ribbons` hears that event and stays at 1.0.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import feria_core

WISHES = """
from feria_core.module import Job, Module

module = Module(
    models="feria_wishes.models",
    blueprints=("feria_wishes.api:blueprint",),
    jobs=(Job("wishes.grant", "feria_wishes.jobs:grant"){more_jobs}),
)
"""
WISHES_API = """
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from feria_core import cache, db
from feria_core.auth import PUBLIC
from feria_core.cache import Cached
from feria_core.contracts.events import Event
from feria_core.events import publish
from feria_core.http import ApiBlueprint, Body
from feria_core.ids import new_id
from feria_core.jobs import enqueue

blueprint = ApiBlueprint("wishes", __name__)
VERSION = "{version}"


@dataclass(frozen=True)
class WishMade(Event):
    name: ClassVar[str] = "wishes.made"
    version: ClassVar[int] = {event_version}

    wish_id: UUID
    {event_field}


class WishIn(Body):
    text: str


@blueprint.endpoint("POST", "/api/wishes", access=PUBLIC, body=WishIn, status=201)
async def make(body: WishIn):
    '''Make a wish.'''
    wish_id = new_id()
    async with db.transaction():
        await db.execute({insert})
        await publish(WishMade(wish_id{event_value}))
        await enqueue("{job}", wish_id=str(wish_id))
        cache.touch("wishes")
    return {{"id": str(wish_id), "version": VERSION}}


@blueprint.endpoint("GET", "/api/wishes", access=PUBLIC, cached=Cached(tags=("wishes",)))
async def count():
    '''Count the wishes.'''
    return {{"wishes": await db.fetch_value("SELECT count(*) FROM wishes_wish"), "version": VERSION}}
"""
WISHES_JOBS = """
from feria_core import db


async def grant(ctx, wish_id):
    async with ctx.effect():
        await db.execute("UPDATE wishes_wish SET granted = granted + 1 WHERE id = $1", wish_id)


async def cheer(ctx, wish_id):
    async with ctx.effect():
        await db.execute("UPDATE wishes_wish SET granted = granted + 1 WHERE id = $1 AND mood = 'glad'", wish_id)
"""
WISHES_MODELS = """
from tortoise import fields
from tortoise.models import Model


class Wish(Model):
    id = fields.UUIDField(primary_key=True)
    text = fields.TextField()
    granted = fields.IntField()

    class Meta:
        table = "wishes_wish"
        app = "wishes"
"""
RIBBONS = """
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from feria_core.contracts.events import Event
from feria_core.module import Module, Subscription


@dataclass(frozen=True)
class WishMade(Event):
    name: ClassVar[str] = "wishes.made"

    wish_id: UUID


module = Module(models="feria_ribbons.models", subscribes=(Subscription(WishMade, "feria_ribbons.jobs:tie"),))
"""
RIBBONS_JOBS = """
from feria_core import db


async def tie(event, ctx):
    await db.execute("INSERT INTO ribbons_ribbon (wish_id) VALUES ($1)", event.wish_id)
"""
RIBBONS_MODELS = """
from tortoise import fields
from tortoise.models import Model


class Ribbon(Model):
    wish_id = fields.UUIDField(primary_key=True)

    class Meta:
        table = "ribbons_ribbon"
        app = "ribbons"
"""
MIGRATION = """
RUN_IN_TRANSACTION = {in_transaction}
{oldest}

async def upgrade(db):
    return '''{up}'''


async def downgrade(db):
    return '''{down}'''
"""


def migration(up: str, down: str = "SELECT 1", *, oldest: str = "", in_transaction: bool = True) -> str:
    """Return the text of a migration; `oldest` is the version of the module whose code runs on after it."""
    line = f'OLDEST = "{oldest}"\n' if oldest else ""
    return MIGRATION.format(up=up, down=down, oldest=line, in_transaction=in_transaction)


FIRST = migration(
    "CREATE TABLE wishes_wish (id UUID PRIMARY KEY, text TEXT NOT NULL, granted INT NOT NULL DEFAULT 0)",
    "DROP TABLE wishes_wish",
)
MOOD = migration(
    "ALTER TABLE wishes_wish ADD COLUMN mood TEXT", "ALTER TABLE wishes_wish DROP COLUMN mood", oldest="1.0"
)
TIED = migration("CREATE TABLE ribbons_ribbon (wish_id UUID PRIMARY KEY)", "DROP TABLE ribbons_ribbon")
INSERTS = {
    "1.0": """"INSERT INTO wishes_wish (id, text) VALUES ($1, $2)", wish_id, body.text""",
    "1.1": """"INSERT INTO wishes_wish (id, text, mood) VALUES ($1, $2, 'glad')", wish_id, body.text""",
}


@dataclass
class Site:
    """A folder of installed distributions that stand before those of this environment, and a deployment on them."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def wishes(self, version: str, files: dict[str, str] | None = None) -> None:
        """Install wishes 1.0 or 1.1, with these migrations or its own."""
        is_new = version != "1.0"
        self._distribution("wishes", version)
        self._package(
            "wishes",
            files or {"0_init": FIRST, **({"1_mood": MOOD} if is_new else {})},
            module=WISHES.format(more_jobs=', Job("wishes.cheer", "feria_wishes.jobs:cheer")' if is_new else ","),
            api=WISHES_API.format(
                version=version,
                event_version=2 if is_new else 1,
                event_field="mood: str | None = None" if is_new else "",
                event_value=', "glad"' if is_new else "",
                insert=INSERTS["1.1" if is_new else "1.0"],
                job="wishes.cheer" if is_new else "wishes.grant",
            ),
            jobs=WISHES_JOBS,
            models=WISHES_MODELS,
        )

    def ribbons(self) -> None:
        """Install ribbons 1.0."""
        self._distribution("ribbons", "1.0")
        self._package("ribbons", {"0_init": TIED}, module=RIBBONS, jobs=RIBBONS_JOBS, models=RIBBONS_MODELS)

    def core_ahead(self, version: str) -> None:
        """Install a copy of core as `version`, with a migration more."""
        self._distribution("core", version, requires="packaging")
        package = Path(feria_core.__path__[0])
        shutil.copytree(package, self.folder / "feria_core", ignore=shutil.ignore_patterns("__pycache__"))
        number = len(list((package / "migrations").glob("[0-9]*.py")))
        more = migration("ALTER TABLE core_job ADD COLUMN note TEXT", oldest="0.2")
        (self.folder / "feria_core" / "migrations" / f"{number}_ahead.py").write_text(more)

    def feria(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this site to its end."""
        return subprocess.run(
            self.command(*arguments), env=self.process_environment, cwd=self.folder,
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "feria_core.cli", *arguments]

    @property
    def process_environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FERIA_", "DATABASE_", "REDIS_"))}
        return {**inherited, "PYTHONPATH": str(self.folder), **self.environment}

    def _distribution(self, name: str, version: str, requires: str = "feria-core>=0.2,<1") -> None:
        for other in self.folder.glob(f"feria_{name}-*.dist-info"):
            shutil.rmtree(other)
        info = self.folder / f"feria_{name}-{version}.dist-info"
        info.mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: feria-{name}\nVersion: {version}\nRequires-Dist: {requires}\n"
        (info / "METADATA").write_text(metadata)
        if name != "core":
            (info / "entry_points.txt").write_text(f"[feria.modules]\n{name} = feria_{name}.module:module\n")

    def _package(self, name: str, migrations: dict[str, str], **files: str) -> None:
        package = self.folder / f"feria_{name}"
        shutil.rmtree(package, ignore_errors=True)
        (package / "migrations").mkdir(parents=True)
        for file, text in {"__init__": "", **files}.items():
            (package / f"{file}.py").write_text(text)
        for file, text in migrations.items():
            (package / "migrations" / f"{file}.py").write_text(text)
