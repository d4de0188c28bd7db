"""Money is whole minor units. Nothing that is named after money may be a float, nor be turned into one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = ("core", "workers", "modules", "tools", "tests", "examples")
MONEY = {"price", "prices", "amount", "amounts", "total", "totals", "subtotal", "subtotals", "money"}


def is_about_money(name: str) -> bool:
    """Return whether a word of the name is money's: of `unit_price` and `TotalOut`, not of `totally`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    return not MONEY.isdisjoint(words)


def findings(source: str) -> list[str]:
    """Return "line: what" for each float that a name about money is declared as or turned into."""
    found = []
    for node in ast.walk(ast.parse(source)):
        found += [f"{node.lineno}: {name} is a float" for name, annotation in _declared(node) if _is_float(annotation)]
        found += [f"{node.lineno}: float({name})" for name in _converted(node)]
    return found


def _declared(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Give the names about money that `node` declares, with their annotations."""
    declared: list[tuple[str, ast.expr | None]] = []
    if isinstance(node, ast.AnnAssign):
        declared = [(_name(node.target), node.annotation)]
    elif isinstance(node, ast.arg):
        declared = [(node.arg, node.annotation)]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        declared = [(node.name, node.returns)]
    return ((name, annotation) for name, annotation in declared if is_about_money(name))


def _converted(node: ast.AST) -> list[str]:
    """Return the names about money inside the argument of a `float(...)`."""
    if not (isinstance(node, ast.Call) and _name(node.func) == "float"):
        return []
    names = [_name(part) for argument in node.args for part in ast.walk(argument)]
    return [name for name in names if is_about_money(name)]


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def _is_float(annotation: ast.expr | None) -> bool:
    """Return whether `float` stands anywhere in the annotation, also inside quotes."""
    if annotation is None:
        return False
    words = {_name(part) for part in ast.walk(annotation)}
    return any("float" in re.findall(r"\w+", word) for word in words)


@pytest.mark.parametrize(
    "source",
    [
        "def sell(unit_price: float): ...",
        "def sell(*, amount: float | None = None): ...",
        "def grand_total(lines) -> float: ...",
        "async def totals(lines) -> list[float]: ...",
        "class Line:\n    subtotal: float = 0.0",
        "class Line:\n    def __init__(self):\n        self.money: 'float' = 0",
        "class Line:\n    price: Annotated[float, Field(ge=0)]",
        "x = float(row['price'])",
        "x = float(line.unit_price / 100)",
        "x = float(str(cart.grand_total))",
        "def show(priceOut: float): ...",
    ],
)
def test_the_lint_sees_a_float(source: str) -> None:
    assert findings(source)


@pytest.mark.parametrize(
    "source",
    [
        "def sell(unit_price: int, *, amount_minor: int) -> Money: ...",
        "def wait(timeout_s: float) -> None: ...",
        "class Rule:\n    rate: float",
        "x = float(row['rating'])",
        "x: dict[str, int] = {'price': 1}",
        "def totally(share: float) -> float: ...",
        "def floating_price(text: str) -> int: ...",
    ],
)
def test_the_lint_leaves_the_rest_alone(source: str) -> None:
    assert findings(source) == []


def test_no_file_holds_money_as_a_float() -> None:
    files = [path for place in PLACES for path in sorted((ROOT / place).rglob("*.py"))]
    assert len(files) > 100  # the lint looks where the code is
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in files for line in findings(path.read_text(encoding="utf-8"))
    ]
    assert found == []
