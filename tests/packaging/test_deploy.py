"""Dockerfile, Compose file and Kubernetes manifests say what the commands, the routes and the workspace have."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from feria_core.cli import feria
from feria_core.config import load_config

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
# PostgreSQL's default; three of them are the superusers'.
MAX_CONNECTIONS = 100 - 3


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    return found


def manifests() -> list[dict[str, Any]]:
    names = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    assert {*names, "kustomization.yaml"} == {path.name for path in KUBERNETES.glob("*.yaml")}
    return [part for name in names for part in yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8"))]


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = [part for part in manifests() if (part["kind"], part["metadata"]["name"]) == (kind, name)]
    return found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the pod of each Job and Deployment by its name."""
    for part in manifests():
        if part["kind"] in {"Job", "Deployment"}:
            yield part["metadata"]["name"], part["spec"]["template"]["spec"]


def entry_commands() -> dict[str, list[str]]:
    """Return every command by which something of ours is started, by where it stands."""
    services = {name: part for name, part in compose()["services"].items() if part["image"] == "feria"}
    found = {f"compose {name}": part["command"] for name, part in services.items()}
    found |= {f"kubernetes {name}": pod["containers"][0]["command"] for name, pod in pods()}
    image = re.search(r"^CMD \[(.*)\]$", DOCKERFILE, re.MULTILINE)
    assert image is not None
    return found | {"Dockerfile": re.findall(r'"([^"]*)"', image[1])}


def parsed(arguments: list[str]) -> click.Context:
    """Return the command that the arguments name, its options read as click reads them. Raises UsageError."""
    group: click.Command = feria
    context = click.Context(group, info_name="feria")
    while isinstance(group, click.Group):
        command = group.get_command(context, arguments[0])
        assert command is not None, arguments[0]
        group, arguments = command, arguments[1:]
        context = group.make_context(group.name, list(arguments), parent=context, resilient_parsing=False)
    return context


def test_web_worker_and_migration_are_started_everywhere() -> None:
    started = {where: command[:2] for where, command in entry_commands().items()}
    for place in ("compose ", "kubernetes feria-"):
        commands = [started[f"{place}{name}"] for name in ("migrate", "web", "worker")]
        assert commands == [["feria", "migrate"], ["feria", "serve"], ["feria", "worker"]]
    assert len(started) == 7


@pytest.mark.parametrize("where", sorted(entry_commands()))
def test_the_commands_take_what_they_are_given(where: str) -> None:
    program, *arguments = entry_commands()[where]
    assert program == "feria"
    context = parsed(arguments)
    if context.info_name == "serve":
        assert (context.params["host"], context.params["port"]) == ("0.0.0.0", 8000)
    helped = subprocess.run(
        [sys.executable, "-m", "feria_core.cli", *arguments[: 2 if arguments[0] == "migrate" else 1], "--help"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert helped.returncode == 0, helped.stderr


def test_the_image_copies_what_is_there_and_builds_every_distribution() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) \S+$", DOCKERFILE, re.MULTILINE)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"LICENSE", "requirements.lock", "tools", "feria", "core", "workers", "modules"} <= set(copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not set(copied) & set(ignored)
    profile = re.search(r"^ARG PROFILE=(\w+)$", DOCKERFILE, re.MULTILINE)
    project = tomllib.loads((ROOT / "feria" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert profile is not None
    assert profile[1] in project["optional-dependencies"]


def test_compose_waits_for_servers_and_migration() -> None:
    services = compose()["services"]
    for name in ("web", "worker"):
        assert {key: value["condition"] for key, value in services[name]["depends_on"].items()} == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "valkey": "service_healthy",
        }
    # Everybody else keeps the image's check, which asks for /healthz.
    assert [name for name, part in services.items() if part.get("healthcheck") == {"disable": True}] == [
        "migrate",
        "worker",
    ]
    mounts = {mount.partition(":")[0] for part in services.values() for mount in part.get("volumes", [])}
    volumes = {mount for mount in mounts if not mount.startswith(".")}
    assert volumes == set(compose()["volumes"])
    assert [path for path in mounts - volumes if not (ROOT / "deploy" / path).exists()] == []


def test_secrets_stand_in_no_manifest() -> None:
    assert not [part for part in manifests() if part["kind"] == "Secret"]
    for _, pod in pods():
        sources = pod["containers"][0]["envFrom"]
        assert {"secretRef": {"name": "feria"}} in sources
    named = set(one("ConfigMap", "feria")["data"]) - {"FERIA_CORE__PUBLIC_URL"}
    assert not [name for name in named if re.search("PASSWORD|SECRET|KEY|_URL$", name)]


def test_what_pods_refer_to_is_there() -> None:
    for _, pod in pods():
        (container,) = pod["containers"]
        for volume in pod["volumes"]:
            if "configMap" in volume:
                one("ConfigMap", volume["configMap"]["name"])
            if "persistentVolumeClaim" in volume:
                one("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
        assert {m["name"] for m in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        for source in container["envFrom"]:
            if "configMapRef" in source:
                one("ConfigMap", source["configMapRef"]["name"])
        assert pod["securityContext"]["runAsUser"] == int(re.search(r"--uid (\d+)", DOCKERFILE)[1])  # type: ignore[index]
        assert pod["enableServiceLinks"] is False


def test_autoscalers_services_and_budgets_mean_deployments_that_are_there() -> None:
    kinds = {"HorizontalPodAutoscaler": 0, "PodDisruptionBudget": 0, "Service": 0}
    for part in manifests():
        spec = part["spec"] if part["kind"] in kinds else {}
        if part["kind"] in kinds:
            kinds[part["kind"]] += 1
            name = (
                spec.get("scaleTargetRef", {}).get("name")
                or (spec["selector"].get("matchLabels", spec["selector"])["app"])
            )
            deployment = one("Deployment", name)["spec"]
            assert deployment["template"]["metadata"]["labels"]["app"] == name
            assert deployment["selector"]["matchLabels"] == {"app": name}
            assert "replicas" not in deployment
    assert kinds == {"HorizontalPodAutoscaler": 2, "PodDisruptionBudget": 2, "Service": 1}


async def test_probes_ask_for_what_is_served(client: Any) -> None:
    (web,) = one("Deployment", "feria-web")["spec"]["template"]["spec"]["containers"]
    paths = {kind: web[kind]["httpGet"]["path"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    for path in {*paths.values(), *re.findall(r"127\.0\.0\.1:8000(/\w+)", DOCKERFILE)}:
        assert (await client.get(path)).status == 200
    assert {port["name"]: port["containerPort"] for port in web["ports"]} == {"http": 8000}


def test_all_pods_together_leave_the_database_room() -> None:
    pool = int(one("ConfigMap", "feria")["data"]["FERIA_CORE__POOL_SIZE"])
    most = {name: one("HorizontalPodAutoscaler", name)["spec"]["maxReplicas"] for name in ("feria-web", "feria-worker")}
    surge = 1
    assert (most["feria-web"] + surge) * (pool + 2) + (most["feria-worker"] + surge) * pool <= MAX_CONNECTIONS


def test_the_config_map_starts_a_deployment(
    own_database_url: str, server_urls: tuple[str, str], tmp_path: Path
) -> None:
    plugins = tmp_path / "plugins.toml"
    plugins.write_text(one("ConfigMap", "feria-plugins")["data"]["plugins.toml"], encoding="utf-8")
    assert set(load_config(plugins).modules) == set(load_config(ROOT / "plugins.toml").modules)
    environment = {
        **os.environ,
        **one("ConfigMap", "feria")["data"],
        "FERIA_PLUGINS": str(plugins),
        "FERIA_DATA": str(tmp_path),
        "DATABASE_URL": own_database_url,
        "REDIS_URL": server_urls[1],
    }
    for command in (["feria_core.web", "check"], ["feria_core.cli", "migrate", "plan"]):
        done = subprocess.run(
            [sys.executable, "-m", *command], env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
