"""Writing a module from the template beside this file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

TEMPLATE = Path(__file__).parent / "template"
# PostgreSQL cuts identifiers at 63 bytes, and the longest of the template has 16 more than the name.
NAME = re.compile(r"(?=.{2,30}$)[a-z][a-z0-9]*(_[a-z0-9]+)*")
IMPORT = re.compile(r"from (feria_\w[\w.]*) import .*\n")


@dataclass(frozen=True)
class Scaffold:
    """What the template needs to know."""

    name: str
    outside: bool

    def values(self) -> dict[str, object]:
        """Return the names that the template's files use."""
        words = self.name.split("_")
        major, minor = version("feria-core").split(".")[:2]
        return {
            "name": self.name,
            "package": f"feria_{self.name}",
            "dist": f"feria-{self.name.replace('_', '-')}",
            "slug": self.name.replace("_", "-"),
            "kind": "".join(word.capitalize() for word in words),
            "title": " ".join(words).capitalize(),
            "core_range": f">={major}.{minor},<{int(major) + 1}",
            "outside": self.outside,
        }


def render(scaffold: Scaffold, folder: Path) -> list[Path]:
    """Write the module's files into `folder`; return them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATE), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True,
        variable_start_string="<<", variable_end_string=">>", block_start_string="<%", block_end_string="%>",
        autoescape=False,  # noqa: S701 - source text, and the name is letters, digits and underscores
    )  # fmt: skip
    made = []
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file()):
        inside = source.relative_to(TEMPLATE).as_posix()
        text = environment.get_template(inside).render(scaffold.values())
        target = folder / _renamed(inside, scaffold.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_sorted_imports(text), encoding="utf-8")
        made.append(target)
    return made


def _renamed(path: str, name: str) -> str:
    path = path.removesuffix(".jinja").replace("NAME", name)
    return f"feria_{name}/{path.removeprefix('package/')}" if path.startswith("package/") else path


def _sorted_imports(text: str) -> str:
    """Sort the block of imports from Feria, where the new package's name decides about its place."""
    lines = text.splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if IMPORT.fullmatch(line)]
    if places:
        lines[places[0] : places[-1] + 1] = sorted(lines[places[0] : places[-1] + 1], key=lambda line: line.split()[1])
    return "".join(lines)
