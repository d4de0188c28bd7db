"""`feria`: one command for newcomers, operators and developers."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from feria_core.commands.deployment import exit_code_of

# Imported when asked for, so that `feria --help` and the supervisors stay small.
BUILT_IN = {
    "run": "feria_core.commands.run:run",
    "serve": "feria_core.commands.serve:serve",
    "worker": "feria_core.commands.worker:worker",
    "migrate": "feria_core.commands.migrate:migrate",
    "modules": "feria_core.commands.modules:modules",
    "doctor": "feria_core.commands.doctor:doctor",
    "audit": "feria_core.commands.audit:audit",
    "openapi": "feria_core.commands.openapi:openapi",
    "mail-test": "feria_core.commands.mail_test:mail_test",
}


class FeriaGroup(click.Group):
    """Core's commands and those of the enabled modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [*BUILT_IN, *(name for name in _module_commands() if name not in BUILT_IN)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        target = BUILT_IN.get(cmd_name) or _module_commands().get(cmd_name)
        if target is None:
            return None
        package, _, name = target.partition(":")
        command: click.Command = getattr(import_module(package), name)
        return command


@click.group(cls=FeriaGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="feria-core", prog_name="feria")
def feria() -> None:
    """Feria: the backend of a shop and of the company site around it.

    Begin with `feria run`. Exit codes: 0 done, 1 failed, 2 refused by the configuration.
    """


def _module_commands() -> dict[str, str]:
    """Return the commands of the enabled modules, by name; none where plugins.toml cannot be read."""
    from feria_core.config import load_config
    from feria_core.errors import StartRefused
    from feria_core.plugins import discover

    try:
        config = load_config(_plugins_file())
    except StartRefused:
        return {}
    found = {}
    for module in discover().values():
        entry = config.modules.get(module.name)
        if entry is not None and entry.enabled:
            for target in module.entry_point.load().commands:
                found[target.rpartition(":")[2].rstrip("_")] = target
    return found


def _plugins_file() -> Path:
    """Return the file that the command line or the environment names; click has not parsed it yet."""
    arguments = sys.argv[1:]
    for position, argument in enumerate(arguments):
        if argument == "--plugins" and position + 1 < len(arguments):
            return Path(arguments[position + 1])
        if argument.startswith("--plugins="):
            return Path(argument.partition("=")[2])
    return Path(os.environ.get("FERIA_PLUGINS", "plugins.toml"))


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(exit_code_of(lambda: feria.main(standalone_mode=False)))


if __name__ == "__main__":
    main()
