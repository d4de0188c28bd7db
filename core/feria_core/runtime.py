"""The application of this process: its configuration, its modules and what they offer each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from feria_core.config import Config, CoreSettings
from feria_core.module import Job, ModuleSettings, Schedule, Subscription
from feria_core.plugins import LoadedModule, resolve, select
from feria_core.ports import Registry

S = TypeVar("S", bound=ModuleSettings)

# Core's own jobs stand beside those of the modules.
CORE_JOBS = (
    Job("core.send_mail", "feria_core.mail.delivery:send_mail", queue="mail", timeout_s=60, max_attempts=12),
    Job("core.sweep", "feria_core._internal.sweep:sweep", timeout_s=120, max_attempts=2),
)
CORE_SCHEDULES = (Schedule("core.sweep", every_s=600),)


@dataclass(frozen=True)
class Runtime:
    """What a running process is made of; built once, by `load_runtime`."""

    config: Config
    modules: tuple[LoadedModule, ...]
    registry: Registry
    jobs: Mapping[str, Job] = field(default_factory=dict)
    schedules: tuple[Schedule, ...] = ()
    subscriptions: Mapping[str, tuple[tuple[str, Subscription], ...]] = field(default_factory=dict)

    @property
    def listeners(self) -> tuple[str, ...]:
        """The jobs that hear events which a table names, not code."""
        return tuple(job for module in self.modules for job in module.manifest.listens)

    @cached_property
    def doable(self) -> tuple[str, ...]:
        """The names of the jobs that workers of this deployment can do, those of its subscriptions too."""
        subscribers = {name for group in self.subscriptions.values() for name, _ in group}
        return tuple(sorted({*self.jobs, *subscribers}))

    @property
    def core(self) -> CoreSettings:
        return self.config.core

    def module(self, name: str) -> LoadedModule | None:
        """Return the enabled module of that name, or None."""
        return next((module for module in self.modules if module.name == name), None)


_current: Runtime | None = None


def load_runtime(config: Config) -> Runtime:
    """Select the enabled modules, let all of them provide, and make the result the process's runtime.

    The database is not touched. Raises StartRefused.
    """
    modules = tuple(select(config))
    registry = Registry()
    loaded = Runtime(
        config=config,
        modules=modules,
        registry=registry,
        jobs={job.name: job for job in (*CORE_JOBS, *(j for m in modules for j in m.manifest.jobs))},
        schedules=(*CORE_SCHEDULES, *(s for m in modules for s in m.manifest.schedules)),
        subscriptions=_subscriptions(modules),
    )
    use(loaded)
    _provide_own(registry)
    for module in modules:
        if module.manifest.provides:
            resolve(module.manifest.provides)(registry)
    return loaded


def _provide_own(registry: Registry) -> None:
    """Contribute core's part to the ports that every module answers."""
    from feria_core._internal.personal_data import CorePersonalData
    from feria_core.contracts.privacy import PERSONAL_DATA

    registry.contribute(PERSONAL_DATA, CorePersonalData(), module="core", order=1000)


def use(runtime: Runtime | None) -> None:
    """Make `runtime` the one of this process."""
    global _current  # noqa: PLW0603 - one application per process
    _current = runtime


def current() -> Runtime:
    """Return the runtime of this process. Raises RuntimeError before `load_runtime`."""
    if _current is None:
        raise RuntimeError("no application is loaded in this process: call load_runtime(config) first")
    return _current


def registry() -> Registry:
    """Return the registry of ports of this process."""
    return current().registry


def core_settings() -> CoreSettings:
    """Return the table `[core]` of this deployment."""
    return current().core


def settings(model: type[S]) -> S:
    """Return the validated settings of the module whose settings class is `model`."""
    for module in current().modules:
        if type(module.settings) is model:
            return module.settings
    raise RuntimeError(f"no enabled module has the settings {model.__name__}")


def _subscriptions(modules: tuple[LoadedModule, ...]) -> dict[str, tuple[tuple[str, Subscription], ...]]:
    """Return (subscriber's name, subscription) by event name; the subscriber's name is stable over restarts."""
    found: dict[str, list[tuple[str, Subscription]]] = {}
    for module in modules:
        for subscription in module.manifest.subscribes:
            function = subscription.target.rpartition(":")[2]
            found.setdefault(subscription.event.name, []).append((f"{module.name}.{function}", subscription))
    return {event: tuple(subscribers) for event, subscribers in found.items()}
