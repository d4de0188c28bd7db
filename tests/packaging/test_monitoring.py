"""The example dashboard and alerts ask for metrics that exist, with labels that they have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "monitoring"
# What Prometheus adds to every sample, and histograms to theirs.
ADDED = {"instance", "job", "le"}


def expressions() -> dict[str, str]:
    """Return every expression by where it stands."""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    found = {f"{p['title']} {t['refId']}": t["expr"] for p in dashboard["panels"] for t in p["targets"]}
    rules = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    return {**found, **{rule["alert"]: rule["expr"] for rule in rules}}


async def served(client: Any) -> dict[str, set[str]]:
    """Return the metrics of a running application that has answered something, each with its labels."""
    await client.get("/api/modules")
    text = (await client.get("/metrics")).body.decode()
    found: dict[str, set[str]] = {}
    for name, labels in re.findall(r"^(feria_\w+?)(?:\{(.*)\})? ", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r"(\w+)=", labels))
    for name, kind in re.findall(r"^# TYPE (feria_\w+) (\w+)$", text, re.MULTILINE):
        found.setdefault(f"{name}_bucket" if kind == "histogram" else name, set())
    return found


@pytest.mark.parametrize("where", expressions())
async def test_an_expression_asks_for_what_is_there(client: Any, where: str) -> None:
    from feria_core import db
    from feria_core.jobs import enqueue

    async with db.transaction():
        await enqueue("core.sweep")
    metrics = await served(client)
    expression = expressions()[where]
    names = set(re.findall(r"feria_\w+", expression))
    assert names
    assert names <= set(metrics)
    for name in names:
        selected = re.findall(rf"{name}\{{([^}}]*)\}}", expression)
        asked = {label for part in selected for label in re.findall(r"(\w+)\s*(?:=~|!=|=)", part)}
        grouped = {label.strip() for part in re.findall(r"by \(([^)]*)\)", expression) for label in part.split(",")}
        assert (asked | grouped) - ADDED <= metrics[name] | {"route", "status", "outcome", "method"}


async def test_jobs_of_the_deployment_are_counted(client: Any) -> None:
    from feria_core import db
    from feria_core.jobs import enqueue

    async with db.transaction():
        await enqueue("core.sweep")
    text = (await client.get("/metrics")).body.decode()
    assert 'feria_queue_jobs{queue="default",state="waiting"} 1.0' in text
    assert 'feria_queue_jobs{queue="default",state="dead"} 0.0' in text


def test_panels_do_not_overlap() -> None:
    panels = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
