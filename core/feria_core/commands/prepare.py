"""What `feria run` does before it serves: migrations, demo data, settings for the fakes. Prints one JSON line.

Its arguments: `demo` fills an empty shop, `moved` says that the shop had another address before.

A process of its own, so that the supervisor of `feria run` loads no module and stays small.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import orjson

from feria_core._internal import migrations
from feria_core._internal.database import close_database
from feria_core.app import open_runtime
from feria_core.commands.deployment import exit_code_of
from feria_core.config import load_config
from feria_core.logs import configure_logs
from feria_core.module import DevServices
from feria_core.plugins import resolve, select
from feria_core.runtime import load_runtime
from feria_core.testing.deployment import development_environment


async def prepare(*, demo: bool, moved: bool) -> dict[str, Any]:
    """Migrate, and fill an empty shop; return what the start-up report and the children need."""
    config = load_config(Path(os.environ["FERIA_PLUGINS"]))
    configure_logs(config.core)
    runtime = load_runtime(config)
    applied = await migrations.up(config, migrations.apps(runtime.modules))
    lines: list[tuple[str, str]] = []
    steps = [
        *(("address", module.manifest.on_moved) for module in runtime.modules if moved),
        *(("demo", module.manifest.demo) for module in runtime.modules if demo),
    ]
    if any(target for _, target in steps):
        await open_runtime(runtime)
        try:
            for label, target in steps:
                lines += [(label, line) for line in await resolve(target)()] if target else []
        finally:
            await close_database()
    return {"migrated": len(applied), "lines": lines, "modules": [f"{m.name} {m.version}" for m in runtime.modules]}


def development_settings() -> dict[str, str]:
    """Return environment variables by which the enabled modules use the fakes of `feria run`."""
    services = DevServices(
        gateway_url=os.environ["FERIA_GATEWAY_URL"],
        gateway_secret_key=os.environ["FERIA_GATEWAY_SECRET_KEY"],
        gateway_webhook_secret=os.environ["FERIA_GATEWAY_WEBHOOK_SECRET"],
        github_url=os.environ.get("FERIA_GITHUB_URL"),
    )

    modules = select(load_config(Path(os.environ["FERIA_PLUGINS"])))
    return development_environment({module.name: module.manifest for module in modules}, services)


def _main() -> None:
    environment = development_settings()
    os.environ.update({name: value for name, value in environment.items() if name not in os.environ})
    result = asyncio.run(prepare(demo="demo" in sys.argv, moved="moved" in sys.argv))
    sys.stdout.write(orjson.dumps({**result, "environment": environment}).decode() + "\n")


if __name__ == "__main__":
    sys.exit(exit_code_of(_main))
