"""What a module hands to core: one object, the running half of its manifest.

The other half (name, version, ranges of what it needs) stands in the distribution's pyproject.toml and is
read from its installed metadata; no fact stands in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from feria_core.contracts.events import Event


class ModuleSettings(BaseModel):
    """Base of a module's settings: unknown keys in plugins.toml stop the start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Job:
    """Slow or fallible work, done by a worker.

    `target` names an async function `(ctx: JobContext, **arguments)` as "package.module:function"; only
    workers import it. `timeout_s` ends one attempt; after `max_attempts` failed ones it is a dead letter.
    """

    name: str
    target: str
    queue: str = "default"
    timeout_s: int = 60
    max_attempts: int = 8


@dataclass(frozen=True)
class Schedule:
    """Enqueue `job` once in every period of `every_s` seconds, for any number of workers.

    After downtime one run catches up; missed periods are not repeated.
    """

    job: str
    every_s: int
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Subscription:
    """Call `target`, an async function `(event, ctx)`, once for each `event`, in a transaction of its own."""

    event: type[Event]
    target: str
    queue: str = "default"
    timeout_s: int = 60
    max_attempts: int = 12


@dataclass(frozen=True)
class Permission:
    """A right that staff can hold, `module.action`; `others` is its description in languages besides English."""

    name: str
    description: str
    others: Mapping[str, str] = field(default_factory=dict)

    def said(self, locale: str) -> str:
        """Return what it lets one do, in that language where the module has it, else in English."""
        return self.others.get(locale, self.description)


@dataclass(frozen=True)
class DevServices:
    """The fakes that `feria run` has started: where they are, and the secrets that they share with the shop."""

    gateway_url: str
    gateway_secret_key: str
    gateway_webhook_secret: str
    # Where it plays PayPal, whose client secret is the secret key; these two are no secrets.
    gateway_paypal_client_id: str = "feria_fake_paypal"
    gateway_paypal_webhook_id: str = "0FERIAFAKEWEBHOOK"
    # Where GitHub is played, None where it is not.
    github_url: str | None = None


@dataclass(frozen=True)
class Module:
    """The running half of a module's manifest; dotted strings are imported only by who needs them."""

    settings: type[ModuleSettings] = ModuleSettings
    models: str | None = None
    blueprints: tuple[str, ...] = ()
    provides: str | None = None  # "package.provides:register", called with the Registry
    subscribes: tuple[Subscription, ...] = ()
    jobs: tuple[Job, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    # Jobs that hear every event that `events.set_interest` names for them, as `event_id`: see `events.stored`.
    listens: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    emails: str | None = None  # package that holds the mail templates
    commands: tuple[str, ...] = ()  # click commands, "package.commands:import_"
    checks: tuple[str, ...] = ()  # of `feria doctor`, "package.checks:stock_ledger"
    demo: str | None = None  # "package.demo:load", fills an empty shop
    development: str | None = (
        None  # "package.module:function" (DevServices) -> settings while `feria run` fakes the world
    )
    # "package.module:function" () -> lines of the report, awaited by `feria run` at another address than the last time:
    # for what names the address and is stored.
    on_moved: str | None = None
    on_start: str | None = None  # "package.module:function", awaited when a web process starts serving
    on_stop: str | None = None  # likewise when a web or worker process ends
