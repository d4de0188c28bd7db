"""`feria modules graph`: who needs whom, drawn as SVG without other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import click

from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.plugins import Installed, discover

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 150, 46, 30, 70, 24
STYLE = """
  svg { --ink: #1f2328; --paper: #ffffff; --box: #eef2f7; --line: #57606a; --soft: #8250df; color-scheme: light dark }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6edf3; --paper: #0d1117; --box: #21262d; --line: #9198a1; --soft: #c297ff }
  }
  .paper { fill: var(--paper) }
  .box { fill: var(--box); stroke: var(--line) }
  .off { stroke-dasharray: 5 4; opacity: .6 }
  .hard { fill: none; stroke: var(--line); stroke-width: 1.6 }
  .soft { fill: none; stroke: var(--soft); stroke-width: 1.3; stroke-dasharray: 5 4 }
  .tip-hard { fill: var(--line) }
  .tip-soft { fill: var(--soft) }
  text { fill: var(--ink); font: 14px system-ui, sans-serif; text-anchor: middle }
  .small { font-size: 11px; opacity: .75 }
"""


@dataclass(frozen=True)
class Node:
    """One module of the drawing: what it points at, and whether it runs."""

    name: str
    version: str
    hard: tuple[str, ...]
    soft: tuple[str, ...]
    enabled: bool


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file instead of the terminal.",
)
@deployment_options
def graph(deployment: Deployment, output: Path | None) -> None:
    """Draw which module needs which, as SVG that is readable in light and dark.

    A whole arrow is a need without which a module does not start, a dashed one what it uses where it runs. Modules
    that are installed and do not run here have a dashed frame.
    """
    config = deployment.config()
    drawn = svg([_node(m, enabled=m.name in config.modules and config.modules[m.name].enabled)
                 for m in discover().values()])  # fmt: skip
    if output is None:
        click.echo(drawn, nl=False)
        return
    output.write_text(drawn, encoding="utf-8")
    click.echo(f"{drawn.count('<g class=')} modules drawn in {output}")


def layers(nodes: Mapping[str, Node]) -> list[list[str]]:
    """Return the names by floor: a module stands below everything that needs it, so needs point downwards.

    What nobody may need in a circle is bounded by the number of modules, so that a circle ends too.
    """
    height = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for node in nodes.values():
            needs = [height[need] + 1 for need in node.hard if need in nodes]
            height[node.name] = min(max(needs, default=0), len(nodes) - 1)
    floors = sorted(set(height.values()), reverse=True)
    return _untangled([sorted(name for name in nodes if height[name] == floor) for floor in floors], nodes)


def svg(modules: list[Node]) -> str:
    """Return the drawing as an SVG document."""
    nodes = {node.name: node for node in sorted(modules, key=lambda node: node.name)}
    floors = layers(nodes)
    width = MARGIN * 2 + max([len(floor) for floor in floors], default=1) * (BOX_WIDTH + GAP_X) - GAP_X
    height = MARGIN * 2 + max(len(floors), 1) * (BOX_HEIGHT + GAP_Y) - GAP_Y + 30
    places = _places(floors, width)
    lines = [
        (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img" aria-label="Which module needs which">'),
        f"<style>{STYLE}</style>",
        f"<defs>{_tip('hard')}{_tip('soft')}</defs>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
        *(_arrow(places[node.name], places[need], "soft") for node in nodes.values() for need in node.soft
          if need in places),
        *(_arrow(places[node.name], places[need], "hard") for node in nodes.values() for need in node.hard
          if need in places),
        *(_box(node, *places[node.name]) for node in nodes.values()),
        (f'<text class="small" x="{width / 2:.0f}" y="{height - 12}">whole: needs it to start · dashed: uses it'
        " where it runs</text>"),
        "</svg>",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _node(module: Installed, *, enabled: bool) -> Node:
    return Node(module.name, module.version, module.hard_needs, module.soft_needs, enabled)


def _untangled(floors: list[list[str]], nodes: Mapping[str, Node]) -> list[list[str]]:
    """Order each floor by where its needs and dependants stand, a few times, so that fewer arrows cross."""
    for _ in range(6):
        place = {name: (index + 0.5) / len(floor) for floor in floors for index, name in enumerate(floor)}
        near: dict[str, list[float]] = {name: [] for name in nodes}
        for node in nodes.values():
            for need in (*node.hard, *node.soft):
                if need in nodes:
                    near[node.name].append(place[need])
                    near[need].append(place[node.name])
        middle = {name: sum(found) / len(found) if found else place[name] for name, found in near.items()}
        floors = [sorted(floor, key=lambda name: (middle[name], name)) for floor in floors]
    return floors


def _places(floors: list[list[str]], width: int) -> dict[str, tuple[float, float]]:
    """Return the middle of each box; floors are centred."""
    found = {}
    for row, floor in enumerate(floors):
        first = (width - (len(floor) * (BOX_WIDTH + GAP_X) - GAP_X)) / 2 + BOX_WIDTH / 2
        for column, name in enumerate(floor):
            y = MARGIN + BOX_HEIGHT / 2 + row * (BOX_HEIGHT + GAP_Y)
            found[name] = (first + column * (BOX_WIDTH + GAP_X), y)
    return found


def _arrow(start: tuple[float, float], end: tuple[float, float], kind: str) -> str:
    """Return a curve from one box to another; between two of one floor it runs above them."""
    (x1, y1), (x2, y2) = start, end
    half = BOX_HEIGHT / 2
    tip = f'class="{kind}" marker-end="url(#{kind})"'
    if y1 == y2:
        top = y1 - half
        return (
            f'<path {tip} d="M{x1:.0f} {top:.0f}C{x1:.0f} {top - 44:.0f} {x2:.0f} {top - 44:.0f} {x2:.0f} {top:.0f}"/>'
        )
    sign = 1 if y2 > y1 else -1
    begin, finish, bend = y1 + sign * half, y2 - sign * half, sign * 40
    return (
        f'<path {tip} d="M{x1:.0f} {begin:.0f}C{x1:.0f} {begin + bend:.0f} {x2:.0f} {finish - bend:.0f}'
        f' {x2:.0f} {finish:.0f}"/>'
    )


def _tip(kind: str) -> str:
    return (
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path class="tip-{kind}" d="M0 0L8 4L0 8z"/></marker>'
    )


def _box(node: Node, x: float, y: float) -> str:
    frame = "box" if node.enabled else "box off"
    left, top = x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2
    state = node.version if node.enabled else f"{node.version}, off"
    return (
        f'<g class="module" id="{escape(node.name)}">'
        f'<rect class="{frame}" x="{left:.0f}" y="{top:.0f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text x="{x:.0f}" y="{y - 2:.0f}">{escape(node.name)}</text>'
        f'<text class="small" x="{x:.0f}" y="{y + 15:.0f}">{escape(state)}</text></g>'
    )
