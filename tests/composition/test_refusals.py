"""A configuration that cannot run is refused: exit code 2 and one sentence with the thing, the value, the way out.

Each case goes through the real command line in a process of its own. Modules that do not exist are made up as
small distributions on the path, so that no case depends on what the shop's modules happen to declare.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from feria_core.testing.ports import free_port

REFUSED = 2
# What only looks at the configuration, and what builds the application from it.
BOTH = ("modules", "openapi")
MODULE = "from feria_core.module import Module\n\nmodule = Module()\n"
BREAKS = (
    MODULE.replace("Module()", 'Module(provides="feria_alpha.module:register")')
    + """

def register(registry):
    raise RuntimeError("out of paper")
"""
)
WITH_SETTINGS = """
from typing import Annotated

from feria_core.module import Module, ModuleSettings
from pydantic import Field, SecretStr


class Settings(ModuleSettings):
    days: Annotated[int, Field(ge=1, le=90)] = 30
    api_secret: SecretStr | None = None


module = Module(settings=Settings)
"""


@dataclass
class Deployment:
    """A folder with a plugins.toml and made-up distributions."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def plugins(self) -> Path:
        return self.folder / "plugins.toml"

    def write(self, text: str) -> Deployment:
        self.plugins.write_text(text, encoding="utf-8")
        return self

    def install(
        self, name: str, *, requires: tuple[str, ...] = (), code: str = MODULE, dist: str | None = None
    ) -> None:
        """Put the distribution `dist` (feria-NAME), which brings module NAME, on the path."""
        dist = dist or f"feria-{name}"
        package = dist.replace("-", "_")
        info = self.folder / "site" / f"{package}-1.2.dist-info"
        info.mkdir(parents=True)
        needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.2\n{needs}")
        (info / "entry_points.txt").write_text(f"[feria.modules]\n{name} = {package}.module:module\n")
        source = self.folder / "site" / package
        source.mkdir()
        (source / "__init__.py").write_text("")
        (source / "module.py").write_text(code)

    def feria(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FERIA_", "DATABASE_", "REDIS_"))}
        path = os.pathsep.join(filter(None, [str(self.folder / "site"), os.environ.get("PYTHONPATH")]))
        return subprocess.run(
            [sys.executable, "-m", "feria_core.cli", command, "--plugins", str(self.plugins), *options],
            env={**inherited, "PYTHONPATH": path, **self.environment},
            cwd=self.folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


def assert_refused(deployment: Deployment, *words: str, commands: tuple[str, ...] = ("modules",)) -> None:
    """The commands refuse with one sentence, which holds every one of `words`."""
    for command in commands:
        done = deployment.feria(command)
        said = done.stderr
        assert done.returncode == REFUSED, (command, done.returncode, said)
        assert said.startswith("feria: "), said
        assert said.count("\n") == 1, said
        assert "Traceback" not in done.stdout + said
        missing = [word for word in words if word not in said]
        assert not missing, (missing, said)


def test_an_unknown_module(deployment: Deployment) -> None:
    deployment.write("[modules.catalogue]\nenabled = true\n")
    assert_refused(deployment, "plugins.toml", "'catalogue'", "not installed", "install feria-catalogue", commands=BOTH)


def test_a_needed_module_that_is_not_enabled(deployment: Deployment) -> None:
    deployment.write("[modules.cart]\n[modules.catalog]\nenabled = false\n")
    assert_refused(
        deployment, "'cart'", "needs the module 'catalog'", "enable 'catalog' or disable 'cart'", "plugins.toml"
    )


def test_a_needed_module_that_is_not_installed(deployment: Deployment) -> None:
    deployment.install("alpha", requires=("feria-nowhere>=1",))
    deployment.write("[modules.alpha]\n")
    assert_refused(deployment, "'alpha'", "'nowhere'", "disable 'alpha'")


def test_an_unknown_key_in_a_modules_settings(deployment: Deployment) -> None:
    deployment.install("alpha", code=WITH_SETTINGS)
    deployment.write("[modules.alpha.settings]\ndayz = 3\n")
    assert_refused(deployment, "[modules.alpha.settings]", "unknown key 'dayz'", "remove it", "days")


def test_an_unknown_key_of_a_module_that_does_not_run_is_left_alone(deployment: Deployment) -> None:
    deployment.install("alpha", code=WITH_SETTINGS)
    deployment.write("[modules.alpha]\nenabled = false\n[modules.alpha.settings]\ndayz = 3\n")
    assert deployment.feria("modules").returncode == 0


def test_a_setting_outside_of_the_settings_table(deployment: Deployment) -> None:
    deployment.write("[modules.catalog]\nenabled = true\ndays = 3\n")
    assert_refused(deployment, "unknown key 'days'", "[modules.catalog]", "[modules.catalog.settings]")


def test_an_unknown_key_in_core(deployment: Deployment) -> None:
    deployment.write('[core]\nshopname = "Feria"\n')
    assert_refused(deployment, "[core]", "unknown key 'shopname'", "shop_name")


def test_an_unknown_table(deployment: Deployment) -> None:
    deployment.write("[module.catalog]\nenabled = true\n")
    assert_refused(deployment, "plugins.toml", "unknown table 'module'", "[modules.<name>]", "remove it")


@pytest.mark.parametrize("text", ['[modules.catalog]\nenabled = "yes"', "[modules]\ncatalog = true"])
def test_a_switch_that_is_neither_on_nor_off(deployment: Deployment, text: str) -> None:
    deployment.write(text + "\n")
    assert_refused(deployment, "[modules.catalog]", "enabled = true", "enabled = false")


def test_a_bad_value_in_core(deployment: Deployment) -> None:
    deployment.write("[core]\npool_size = 0\n")
    assert_refused(deployment, "[core]", "'pool_size' is 0", "greater than or equal to 1", "correct it")


def test_a_bad_value_in_a_modules_settings(deployment: Deployment) -> None:
    deployment.install("alpha", code=WITH_SETTINGS)
    deployment.write("[modules.alpha.settings]\ndays = 91\n")
    assert_refused(deployment, "[modules.alpha.settings]", "'days' is 91", "less than or equal to 90", commands=BOTH)


def test_a_bad_value_in_the_environment(deployment: Deployment) -> None:
    deployment.install("alpha", code=WITH_SETTINGS)
    deployment.write("[modules.alpha]\n")
    deployment.environment["FERIA_ALPHA__DAYS"] = "soon"
    assert_refused(deployment, "alpha", "'days' is 'soon'", "valid integer")


def test_an_unknown_setting_in_the_environment(deployment: Deployment) -> None:
    deployment.install("alpha", code=WITH_SETTINGS)
    deployment.write("[modules.alpha]\n")
    deployment.environment["FERIA_ALPHA__DAYZ"] = "3"
    assert_refused(deployment, "alpha", "unknown key 'dayz'", "days")


def test_a_version_out_of_the_range_that_is_asked_for(deployment: Deployment) -> None:
    deployment.install("alpha")
    deployment.write('[modules.alpha]\nversion = ">=9,<10"\n')
    assert_refused(deployment, "plugins.toml", "'alpha'", ">=9,<10", "1.2 is installed", "change the range")


def test_a_version_that_is_no_range(deployment: Deployment) -> None:
    deployment.install("alpha")
    deployment.write('[modules.alpha]\nversion = "newest"\n')
    assert_refused(deployment, "'alpha'", "'newest'", "is no range", ">=0.1,<0.2")


def test_a_module_that_needs_another_core(deployment: Deployment) -> None:
    deployment.install("alpha", requires=("feria-core>=9",))
    deployment.write("[modules.alpha]\n")
    assert_refused(deployment, "module 'alpha' 1.2", "feria-core>=9", "is installed", "upgrade one of the two")


def test_a_module_that_needs_another_version_of_a_module_it_only_uses(deployment: Deployment) -> None:
    deployment.install("alpha", requires=('feria-beta>=9; extra == "beta"',))
    deployment.install("beta")
    deployment.write("[modules.alpha]\n[modules.beta]\n")
    assert_refused(deployment, "module 'alpha' 1.2", "feria-beta>=9", "feria-beta 1.2 is installed")


def test_two_modules_that_need_each_other(deployment: Deployment) -> None:
    deployment.install("alpha", requires=("feria-beta",))
    deployment.install("beta", requires=("feria-alpha",))
    deployment.write("[modules.alpha]\n[modules.beta]\n")
    assert_refused(deployment, "circle", "alpha", "beta", "disable one")


def test_two_distributions_that_bring_the_same_module(deployment: Deployment) -> None:
    deployment.install("alpha")
    deployment.install("alpha", dist="other-alpha")
    deployment.write("[modules.alpha]\n")
    assert_refused(deployment, "'alpha'", "feria-alpha", "other-alpha", "uninstall one")


def test_a_module_whose_code_does_not_load(deployment: Deployment) -> None:
    deployment.install("alpha", code="import no_such_library\n")
    deployment.write("[modules.alpha]\n")
    assert_refused(deployment, "module 'alpha' 1.2", "no_such_library", "reinstall it or disable it")


def test_an_entry_point_that_is_no_module(deployment: Deployment) -> None:
    deployment.install("alpha", code="module = 7\n")
    deployment.write("[modules.alpha]\n")
    assert_refused(deployment, "'alpha'", "feria_alpha.module:module", "not a feria_core Module")


def test_a_missing_file(deployment: Deployment) -> None:
    assert_refused(deployment, f"there is no {deployment.plugins}", "--plugins", "FERIA_PLUGINS")


def test_a_file_that_is_not_toml(deployment: Deployment) -> None:
    deployment.write("[core]\nshop_name = Feria\n")
    assert_refused(deployment, "plugins.toml is not TOML", "line 2", "correct that line")


def test_a_file_that_is_not_text(deployment: Deployment) -> None:
    deployment.plugins.write_bytes(b"[core]\nshop_name = '\xff\xfe'\n")
    assert_refused(deployment, "plugins.toml is not TOML")


@pytest.mark.parametrize("text", ['core = "x"', 'modules = "x"', "modules = [1]", "[[modules]]\ncatalog = 1"])
def test_a_value_where_a_table_belongs(deployment: Deployment, text: str) -> None:
    deployment.write(text + "\n")
    assert_refused(deployment, "plugins.toml", "table")


@pytest.mark.parametrize("line", ["version = 1", "settings = 3"])
def test_a_key_of_a_module_with_a_value_of_another_type(deployment: Deployment, line: str) -> None:
    deployment.write(f"[modules.catalog]\n{line}\n")
    assert_refused(deployment, "[modules.catalog]", "correct them")


def test_a_secret_of_a_module_in_the_file(deployment: Deployment) -> None:
    deployment.install("alpha", code=WITH_SETTINGS)
    deployment.write('[modules.alpha.settings]\napi_secret = "hunter2"\n')
    assert_refused(deployment, "'api_secret' of [alpha] is a secret", "FERIA_ALPHA__API_SECRET", "_FILE")
    assert "hunter2" not in deployment.feria("modules").stderr


def test_a_secret_of_core_in_the_file(deployment: Deployment) -> None:
    deployment.write('[core]\nsmtp_password = "hunter2"\n')
    assert_refused(deployment, "'smtp_password' of [core] is a secret", "FERIA_CORE__SMTP_PASSWORD")
    assert "hunter2" not in deployment.feria("modules").stderr


def test_a_secret_that_does_not_fit_is_not_repeated(deployment: Deployment) -> None:
    deployment.install(
        "alpha", code=WITH_SETTINGS.replace("SecretStr | None = None", "SecretStr = Field(min_length=32)")
    )
    deployment.write("[modules.alpha]\n")
    deployment.environment["FERIA_ALPHA__API_SECRET"] = "hunter2"
    assert_refused(deployment, "alpha", "'api_secret' is a secret")
    assert "hunter2" not in deployment.feria("modules").stderr


def test_a_secret_file_that_cannot_be_read(deployment: Deployment) -> None:
    deployment.install("alpha", code=WITH_SETTINGS)
    deployment.write("[modules.alpha]\n")
    deployment.environment["FERIA_ALPHA__API_SECRET_FILE"] = str(deployment.folder / "nowhere")
    assert_refused(deployment, "FERIA_ALPHA__API_SECRET_FILE", "nowhere", "cannot be read", "correct it")


def test_a_configuration_that_fits_is_not_refused(deployment: Deployment) -> None:
    deployment.install("alpha", requires=("feria-core>=0.1", "feria-beta>=1"), code=WITH_SETTINGS)
    deployment.install("beta")
    deployment.write('[modules.alpha]\nversion = ">=1,<2"\n[modules.alpha.settings]\ndays = 90\n[modules.beta]\n')
    for command in BOTH:
        assert deployment.feria(command).returncode == 0


SERVERS = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://unused"}


def serve(deployment: Deployment, processes: int) -> subprocess.CompletedProcess[str]:
    deployment.environment |= SERVERS
    return deployment.feria("serve", "--port", str(free_port()), "--processes", str(processes))


@pytest.mark.parametrize("processes", [1, 3])
def test_a_server_says_once_why_none_of_its_processes_starts(deployment: Deployment, processes: int) -> None:
    deployment.install("alpha", requires=("feria-nowhere>=1",))
    deployment.write("[modules.alpha]\n")
    done = serve(deployment, processes)
    assert (done.returncode, done.stderr.count("\n")) == (REFUSED, 1), done.stderr
    assert "disable 'alpha'" in done.stderr


@pytest.mark.parametrize("processes", [1, 2])
def test_a_server_whose_database_does_not_answer_is_refused_likewise(deployment: Deployment, processes: int) -> None:
    deployment.install("alpha")
    deployment.write("[modules.alpha]\n")
    done = serve(deployment, processes)
    assert (done.returncode, done.stderr.count("\n")) == (REFUSED, 1), done.stderr
    assert "PostgreSQL does not answer" in done.stderr


def test_a_server_whose_module_breaks_shows_once_where_and_has_failed(deployment: Deployment) -> None:
    deployment.install("alpha", code=BREAKS)
    deployment.write("[modules.alpha]\n")
    done = serve(deployment, 2)
    assert (done.returncode, done.stderr.count("RuntimeError: out of paper")) == (1, 1), done.stderr
    assert "in register" in done.stderr
