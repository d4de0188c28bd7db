"""Finding the route of a request: by one look where its path has no variables, else as Quart does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule

# Method and path.
PlainRules = Mapping[tuple[str, str], Rule]


def plain_rules(urls: Map) -> PlainRules:
    """Return the rules without variables, by method and path: what they match, they match before any other rule."""
    urls.update()  # in the order in which the map tries them
    found: dict[tuple[str, str], Rule] = {}
    for rule in urls.iter_rules():
        if not (rule.arguments or rule.build_only):
            for method in rule.methods or ():
                found.setdefault((method, rule.rule), rule)
    return found


class Matcher:
    """Stands for the URL adapter of one request, which is made only where there is more to do than such a look."""

    def __init__(self, rules: PlainRules, method: str, path: str, make: Callable[[], MapAdapter]) -> None:
        self._rules = rules
        self._asked = (method, path)
        self._make = make

    def match(self, *, return_rule: bool = False, **how: Any) -> Any:
        """Return the rule, or its endpoint, and the variables in the path. Raises what the adapter raises."""
        rule = self._rules.get(self._asked) if return_rule and not how else None
        return (rule, {}) if rule is not None else self._adapter.match(**how, return_rule=return_rule)  # type: ignore[call-overload]

    @cached_property
    def _adapter(self) -> MapAdapter:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)
