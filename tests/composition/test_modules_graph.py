"""`feria modules graph`: who needs whom, as a drawing that any browser shows."""

from __future__ import annotations

from pathlib import Path

from gifts import Shop
from lxml import etree

from feria_core.commands.modules.graph import Node, layers, svg
from feria_core.plugins import discover

SVG = "{http://www.w3.org/2000/svg}"


def node(name: str, *hard: str, soft: tuple[str, ...] = (), enabled: bool = True) -> Node:
    return Node(name, "1.0", hard, soft, enabled)


def test_needs_stand_below_those_that_need_them() -> None:
    nodes = {each.name: each for each in (node("shop", "cart"), node("cart", "catalog"), node("catalog"), node("blog"))}
    assert [set(floor) for floor in layers(nodes)] == [{"shop"}, {"cart"}, {"blog", "catalog"}]


def test_a_circle_is_drawn_too() -> None:
    drawing = etree.fromstring(svg([node("egg", "hen"), node("hen", "egg")]).encode())
    assert len(drawing.findall(f"{SVG}g")) == 2


def test_whole_arrows_are_needs_and_dashed_ones_uses() -> None:
    drawing = etree.fromstring(svg([node("a", "b", soft=("c", "gone")), node("b"), node("c", enabled=False)]).encode())
    arrows = [path.get("class") for path in drawing.findall(f"{SVG}path")]
    assert sorted(arrows) == ["hard", "soft"]
    off = [g.get("id") for g in drawing.findall(f"{SVG}g") if g.find(f"{SVG}rect").get("class") == "box off"]
    assert off == ["c"]


def test_no_two_boxes_share_a_place_and_all_lie_inside() -> None:
    drawing = etree.fromstring(svg([node(f"m{n}", *([f"m{n - 3}"] if n > 2 else [])) for n in range(12)]).encode())
    boxes = [group.find(f"{SVG}rect") for group in drawing.findall(f"{SVG}g")]
    places = {(float(box.get("x")), float(box.get("y"))) for box in boxes}
    assert len(places) == 12
    assert all(0 <= x <= float(drawing.get("width")) - 150 for x, _ in places)


def test_nothing_installed_is_an_empty_drawing() -> None:
    assert etree.fromstring(svg([]).encode()).tag == f"{SVG}svg"


def test_the_command_draws_every_installed_module(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.plugins.write_text("[modules.catalog]\n")
    done = shop.feria("modules", "graph", "--output", "graph.svg")
    assert done.returncode == 0, done.stderr
    drawing = etree.parse(tmp_path / "graph.svg")
    assert {group.get("id") for group in drawing.findall(f"{SVG}g")} == set(discover())
    assert b"prefers-color-scheme: dark" in (tmp_path / "graph.svg").read_bytes()
