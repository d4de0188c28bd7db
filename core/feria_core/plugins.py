"""Which modules run here: discover, check versions, settings and needs, order. A misfit refuses the start."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution, entry_points
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from feria_core.config import Config, module_settings
from feria_core.errors import StartRefused
from feria_core.module import Module, ModuleSettings

GROUP = "feria.modules"


@dataclass(frozen=True)
class Installed:
    """A module that is installed here, enabled or not; its code is not loaded yet."""

    name: str
    version: str
    entry_point: EntryPoint
    requirements: tuple[Requirement, ...]

    @property
    def hard_needs(self) -> tuple[str, ...]:
        """Names of the modules without which this one refuses to start."""
        return tuple(sorted(_module_name(r) for r in self.requirements if _is_module(r) and not r.marker))

    @property
    def soft_needs(self) -> tuple[str, ...]:
        """Names of the modules that this one uses where they run."""
        return tuple(sorted({_module_name(r) for r in self.requirements if _is_module(r) and r.marker}))


@dataclass(frozen=True)
class LoadedModule:
    """An enabled module: its metadata, its manifest object and its validated settings."""

    installed: Installed
    manifest: Module
    settings: ModuleSettings

    @property
    def name(self) -> str:
        return self.installed.name

    @property
    def version(self) -> str:
        return self.installed.version


def discover() -> dict[str, Installed]:
    """Return every installed module by name. Raises StartRefused where two distributions claim one name."""
    found: dict[str, Installed] = {}
    for entry in entry_points(group=GROUP):
        dist = entry.dist
        if dist is None:
            continue
        if entry.name in found and found[entry.name].entry_point.value != entry.value:
            other = found[entry.name].entry_point.dist
            raise StartRefused(
                f"module '{entry.name}' comes from {dist.name} and from {other.name if other else '?'}: uninstall one"
            )
        found[entry.name] = _installed(entry, dist)
    return found


def select(config: Config, installed: dict[str, Installed] | None = None) -> list[LoadedModule]:
    """Return the enabled modules, needed ones before those that need them.

    Raises StartRefused, with a sentence that names the module, the value and the way out, for an unknown
    module, a version out of range, a missing need, a cycle, or settings that do not fit.
    """
    known = discover() if installed is None else installed
    chosen = [_known_module(entry.name, known, config) for entry in config.modules.values() if entry.enabled]
    for module in chosen:
        _check_wanted_version(module, config)
        _check_ranges(module)
    names = {module.name for module in chosen}
    for module in chosen:
        _check_needs(module, names, config)
    return [_load(known[name], config) for name in _in_order(chosen)]


def resolve(target: str) -> Any:
    """Return the object that "package.module:name" names. Raises StartRefused where it is not there."""
    path, _, name = target.partition(":")
    try:
        module = importlib.import_module(path)
        return getattr(module, name) if name else module
    except (ImportError, AttributeError) as error:
        raise StartRefused(f"'{target}' cannot be loaded: {error}; reinstall the module that declares it") from error


def _installed(entry: EntryPoint, dist: Distribution) -> Installed:
    requirements = tuple(Requirement(text) for text in dist.requires or ())
    return Installed(entry.name, dist.version, entry, requirements)


def _known_module(name: str, known: dict[str, Installed], config: Config) -> Installed:
    if name not in known:
        choice = ", ".join(sorted(known)) or "none"
        raise StartRefused(
            f"{config.source} enables the module '{name}', which is not installed: "
            f"install feria-{name} or remove the table (installed: {choice})"
        )
    return known[name]


def _check_wanted_version(module: Installed, config: Config) -> None:
    wanted = config.modules[module.name].version
    if wanted is None:
        return
    try:
        fits = SpecifierSet(wanted).contains(module.version, prereleases=True)
    except InvalidSpecifier as error:
        raise StartRefused(
            f"{config.source}: version = '{wanted}' of module '{module.name}' is no range: write one like '>=0.1,<0.2'"
        ) from error
    if not fits:
        raise StartRefused(
            f"{config.source} wants module '{module.name}' {wanted}, but {module.version} is installed: "
            f"install a fitting version or change the range"
        )


def _check_ranges(module: Installed) -> None:
    """Installers do not check ranges between editable distributions, so the loader does."""
    for requirement in module.requirements:
        if not requirement.name.startswith("feria-"):
            continue
        version = _version_of(requirement.name)
        if version is not None and not requirement.specifier.contains(version, prereleases=True):
            raise StartRefused(
                f"module '{module.name}' {module.version} needs {requirement.name}{requirement.specifier}, "
                f"but {requirement.name} {version} is installed: upgrade one of the two"
            )


def _check_needs(module: Installed, names: set[str], config: Config) -> None:
    for need in module.hard_needs:
        if need not in names:
            raise StartRefused(
                f"module '{module.name}' needs the module '{need}', which is not enabled: "
                f"enable '{need}' or disable '{module.name}' in {config.source}"
            )


def _in_order(modules: list[Installed]) -> list[str]:
    graph = {module.name: module.hard_needs for module in sorted(modules, key=lambda m: m.name)}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise StartRefused(f"modules need each other in a circle: {circle}; disable one of them") from error


def _load(installed: Installed, config: Config) -> LoadedModule:
    try:
        manifest = installed.entry_point.load()
    except (ImportError, AttributeError) as error:
        raise StartRefused(
            f"module '{installed.name}' {installed.version} cannot be loaded: {error}; reinstall it or disable it"
        ) from error
    if not isinstance(manifest, Module):
        raise StartRefused(f"module '{installed.name}': {installed.entry_point.value} is not a feria_core Module")
    settings = module_settings(config, installed.name, manifest.settings)
    return LoadedModule(installed, manifest, settings)  # type: ignore[arg-type]


def _is_module(requirement: Requirement) -> bool:
    return requirement.name.startswith("feria-") and requirement.name not in {"feria-core", "feria-workers"}


def _module_name(requirement: Requirement) -> str:
    return requirement.name.removeprefix("feria-").replace("-", "_")


@cache
def _version_of(dist_name: str) -> str | None:
    try:
        return distribution(dist_name).version
    except PackageNotFoundError:
        return None
