"""Deployments for tests: a plugins.toml with these modules and those settings."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from feria_core.module import DevServices, Module
from feria_core.plugins import discover, resolve


def write_plugins(
    path: Path, *, enabled: Collection[str] | None = None, settings: Mapping[str, Mapping[str, Any]] | None = None
) -> Path:
    """Write a plugins.toml that enables `enabled` (default: all that are installed); return its path."""
    names = sorted(discover()) if enabled is None else sorted(enabled)
    lines = ["[core]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in (settings or {}).get("core", {}).items()]
    for name in names:
        lines += [f"[modules.{name}]", "enabled = true"]
        if settings and name in settings:
            lines += [f"[modules.{name}.settings]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in settings[name].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def development_environment(manifests: Mapping[str, Module], services: DevServices) -> dict[str, str]:
    """Return the environment variables by which these modules, by name, use the fakes."""
    found: dict[str, str] = {}
    for name, manifest in manifests.items():
        if manifest.development:
            values: dict[str, str] = resolve(manifest.development)(services)
            found |= {f"FERIA_{name.upper()}__{key.upper()}": value for key, value in values.items()}
    return found
