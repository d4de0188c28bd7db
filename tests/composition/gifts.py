"""A made-up third-party module with tables, a type, a function, jobs and a schedule, put on the path of a child."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

MODULE = """
from feria_core.contracts.orders import OrderPlaced
from feria_core.module import Job, Module, Permission, Schedule, Subscription

module = Module(
    models="feria_gifts.models",
    blueprints=("feria_gifts.api:blueprint",),
    jobs=(Job("gifts.forget", "feria_gifts.jobs:forget"),),
    schedules=(Schedule("gifts.forget", every_s=3600),),
    subscribes=(Subscription(OrderPlaced, "feria_gifts.jobs:order_placed"),),
    permissions=(Permission("gifts.write", "Write gifts"),),
)
"""
API = """
from feria_core import db
from feria_core.auth import PUBLIC
from feria_core.http.blueprint import ApiBlueprint

blueprint = ApiBlueprint("gifts", __name__)


@blueprint.endpoint("GET", "/api/gifts", access=PUBLIC)
async def count_gifts() -> dict[str, int]:
    '''Count the gifts.'''
    return {"gifts": await db.fetch_value("SELECT count(*) FROM gifts_gift")}
"""
JOBS = """
async def forget(ctx):
    pass


async def order_placed(event, ctx):
    pass
"""
MODELS = """
from tortoise import fields
from tortoise.models import Model


class Gift(Model):
    id = fields.UUIDField(primary_key=True)
    kind = fields.TextField()
    number = fields.IntField()

    class Meta:
        table = "gifts_gift"
        app = "gifts"
"""
MIGRATION = """
RUN_IN_TRANSACTION = True


async def upgrade(db):
    return '''{up}'''


async def downgrade(db):
    return '''{down}'''
"""
FIRST = MIGRATION.format(
    up="""
    CREATE TYPE gifts_kind AS ENUM ('card', 'ribbon');
    CREATE TABLE gifts_gift (id UUID PRIMARY KEY, kind gifts_kind NOT NULL);
    CREATE FUNCTION gifts_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER gifts_stay BEFORE UPDATE ON gifts_gift FOR EACH ROW EXECUTE FUNCTION gifts_stay();
    """,
    down="DROP TABLE gifts_gift; DROP FUNCTION gifts_stay(); DROP TYPE gifts_kind;",
)
SECOND = MIGRATION.format(
    up="ALTER TABLE gifts_gift ADD COLUMN number SERIAL; CREATE INDEX gifts_gift_number ON gifts_gift (number);",
    down="ALTER TABLE gifts_gift DROP COLUMN number;",
)


@dataclass
class Shop:
    """A folder with a plugins.toml, and the made-up module beside the shop's own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def plugins(self) -> Path:
        return self.folder / "plugins.toml"

    @property
    def site(self) -> Path:
        return self.folder / "site"

    def install_gifts(self, *, requires: tuple[str, ...] = ("feria-core>=0.1",), second: str = SECOND) -> None:
        info = self.site / "feria_gifts-1.2.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: feria-gifts\nVersion: 1.2\n{needs}")
        (info / "entry_points.txt").write_text("[feria.modules]\ngifts = feria_gifts.module:module\n")
        migrations = self.site / "feria_gifts" / "migrations"
        migrations.mkdir(parents=True, exist_ok=True)
        files = {"__init__": "", "module": MODULE, "api": API, "jobs": JOBS, "models": MODELS}
        for name, text in files.items():
            (self.site / "feria_gifts" / f"{name}.py").write_text(text)
        (migrations / "0_init.py").write_text(FIRST)
        (migrations / "1_number.py").write_text(second)

    def feria(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FERIA_", "DATABASE_", "REDIS_"))}
        path = os.pathsep.join(filter(None, [str(self.site), os.environ.get("PYTHONPATH")]))
        return subprocess.run(
            [sys.executable, "-m", "feria_core.cli", *arguments],
            env={**inherited, "PYTHONPATH": path, "FERIA_PLUGINS": str(self.plugins), **self.environment},
            cwd=self.folder, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
