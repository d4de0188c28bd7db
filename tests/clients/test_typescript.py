"""The TypeScript client and the storefront are what the server's description and their sources say."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from feria_core.app import create_app
from feria_core.config import load_config
from feria_core.http.openapi import document
from feria_core.runtime import Runtime, current, use

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / "clients" / "typescript", ROOT / "examples" / "storefront"]


@pytest.fixture(scope="module")
def frontend() -> ModuleType:
    """Return tools/frontend.py."""
    spec = importlib.util.spec_from_file_location("frontend", ROOT / "tools" / "frontend.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def _own_runtime() -> Iterator[None]:
    try:
        before: Runtime | None = current()
    except RuntimeError:
        before = None
    yield
    use(before)


@pytest.mark.usefixtures("_own_runtime")
def test_the_types_are_those_of_the_servers_description(frontend: ModuleType) -> None:
    app = create_app(load_config(ROOT / "plugins.toml", environment={"FERIA_CORE__LOG_LEVEL": "error"}))
    now = json.loads(json.dumps(document(app)))
    made_from = frontend.TYPES_STAMP.read_text(encoding="utf-8").strip()
    assert frontend.fingerprint(now) == made_from, "routes or shapes have changed: run `make client` and commit"


def test_the_storefront_is_built_from_its_sources(frontend: ModuleType) -> None:
    made_from = frontend.BUILT_STAMP.read_text(encoding="utf-8").strip()
    assert frontend.source_fingerprint() == made_from, "the storefront has changed: run `make storefront` and commit"


def test_words_of_a_description_make_no_other_types(frontend: ModuleType) -> None:
    shape = {"properties": {"title": {"type": "string", "description": "a"}}, "description": "b"}
    other_words = {"properties": {"title": {"type": "string", "description": "c"}}}
    other_shape = {"properties": {"name": {"type": "string"}}}
    assert frontend.fingerprint(shape) == frontend.fingerprint(other_words)
    assert frontend.fingerprint(shape) != frontend.fingerprint(other_shape)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_every_version_is_pinned_and_no_registry_is_named(package: Path) -> None:
    manifest = json.loads((package / "package.json").read_text(encoding="utf-8"))
    for name, version in {**manifest.get("dependencies", {}), **manifest.get("devDependencies", {})}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+|file:.*", version), name
    lock = json.loads((package / "package-lock.json").read_text(encoding="utf-8"))
    named = [each["resolved"] for each in lock["packages"].values() if "resolved" in each]
    assert [address for address in named if "://" in address] == []
    assert all("integrity" in each for path, each in lock["packages"].items() if path.startswith("node_modules/@p"))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_the_source_compiles_strictly(frontend: ModuleType, package: Path) -> None:
    if shutil.which("npx") is None:
        pytest.skip("node and npm are not installed: the TypeScript is not compiled here")
    for each in PACKAGES:
        if not (each / "node_modules").exists():
            done = subprocess.run(["npm", "ci", "--silent"], cwd=each, capture_output=True, check=False, timeout=240)
            if done.returncode:
                pytest.skip("npm ci found no packages: the TypeScript is not compiled here")
    command = ["npx", "--no-install", "tsc", "--noEmit", "--strict"]
    done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout
