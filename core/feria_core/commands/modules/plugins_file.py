"""Editing plugins.toml as a person would: one switch changes, comments and order stay."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import tomlkit
from tomlkit.items import InlineTable

from feria_core.config import Config, load_config


def switched(text: str, names: Sequence[str], *, on: bool) -> str:
    """Return the text of plugins.toml with these modules on or off; one that is not named gets a table at the end."""
    document = tomlkit.parse(text)
    tables = document.get("modules", {})
    missing = []
    for name in names:
        if name not in tables:
            missing.append(name)
        elif tables[name].get("enabled", True) is not on:
            tables[name]["enabled"] = on
    if isinstance(tables, InlineTable):
        for name in missing:
            tables[name] = {"enabled": on}
        missing = []
    lines = tomlkit.dumps(document)
    for name in missing:
        gap = "" if not lines.strip() else "\n" if lines.endswith("\n") else "\n\n"
        lines += f"{gap}[modules.{name}]\nenabled = {str(on).lower()}\n"
    return lines


def config_of(text: str, path: Path) -> Config:
    """Return the configuration that the file would be with this text. Raises StartRefused, naming the file."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        draft.write_text(text, encoding="utf-8")
        return replace(load_config(draft), source=str(path))


def write(path: Path, text: str) -> None:
    """Put the text in the file's place, whole or not at all, with the rights that the file has."""
    path = path.resolve()
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(path.stat().st_mode & 0o7777)
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise
