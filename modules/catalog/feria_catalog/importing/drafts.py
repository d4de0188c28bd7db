"""Rows into products: each row of a table is one variant, neighbours with the same key are one product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.importing import limits
from feria_catalog.importing.errors import RowProblem, RowRefused
from feria_catalog.importing.records import Record, as_given


@dataclass(frozen=True)
class Draft:
    """One row: its variant, and what it says of the product (only what it does say)."""

    line: int
    key: str | None
    variant: VariantInput
    product: Mapping[str, Any]
    given: list[str] | bytes | None = None


@dataclass(frozen=True)
class Refused:
    """One row that cannot be used; its key where that could be read."""

    problem: RowProblem
    key: str | None = None


def unreadable(record: Record) -> Refused:
    """Return the refusal of a record that holds no values."""
    assert record.problem is not None  # noqa: S101 - a record has values or a problem
    return Refused(record.problem)


@dataclass(frozen=True)
class Parsed:
    """What came of `rows` rows of the file: a product, or problems."""

    line: int
    rows: int
    product: ProductInput | None
    problems: tuple[RowProblem, ...] = ()
    given: list[str] | bytes | None = None


@dataclass
class _Group:
    key: str | None
    rows: list[Draft | Refused] = field(default_factory=list)
    # Unreadable rows after the last row: within the product if the next row is one of it too.
    tail: list[Refused] = field(default_factory=list)


def grouped(rows: Iterable[Draft | Refused], *, empty: Mapping[str, Any] = MappingProxyType({})) -> Iterator[Parsed]:
    """Join neighbours with the same key. A product with a bad row is left out whole, not imported by half.

    `empty` is what a product becomes of which no row says anything else.
    """
    group = _Group(None)
    for row in rows:
        if isinstance(row, Refused) and row.key is None:
            group.tail.append(row)
        elif row.key is not None and row.key == group.key:
            group.rows += [*group.tail, row]
            group.tail = []
        else:
            yield from _parsed(group, empty)
            group = _Group(row.key, [row])
    yield from _parsed(group, empty)


def _parsed(group: _Group, empty: Mapping[str, Any]) -> Iterator[Parsed]:
    if group.rows:
        yield _product(group.rows, empty)
    for row in group.tail:
        yield Parsed(row.problem.line, 1, None, (row.problem,))


def _product(rows: list[Draft | Refused], empty: Mapping[str, Any]) -> Parsed:
    line = rows[0].problem.line if isinstance(rows[0], Refused) else rows[0].line
    problems = tuple(row.problem for row in rows if isinstance(row, Refused))
    if problems:
        return Parsed(line, len(rows), None, problems)
    drafts = [row for row in rows if isinstance(row, Draft)]
    try:
        product = build({**empty, **_merged(drafts)}, tuple(draft.variant for draft in drafts))
    except RowRefused as refusal:
        return Parsed(line, len(rows), None, (refusal.at(line, as_given(drafts[0].given)),))
    return Parsed(line, len(rows), product, (), drafts[0].given)


def _merged(drafts: list[Draft]) -> dict[str, Any]:
    """Return what the rows say of their product; later ones may leave a field empty, not contradict it."""
    merged: dict[str, Any] = {}
    for draft in drafts:
        for name, value in draft.product.items():
            if name == "attributes":
                _agree(draft, merged.get(name, {}), value)
                merged[name] = {**merged.get(name, {}), **value}
            elif merged.setdefault(name, value) != value:
                raise _contradiction(draft, name)
    return merged


def _agree(draft: Draft, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for code, value in now.items():
        if before.get(code, value) != value:
            raise _contradiction(draft, f"attr.{code}")


def _contradiction(draft: Draft, name: str) -> RowRefused:
    return RowRefused(
        "contradicting_rows",
        f"line {draft.line} gives the product another {name} than the row before: "
        f"repeat it or leave it empty; what differs between variants is an option.",
    )


def build(product: Mapping[str, Any], variants: tuple[VariantInput, ...]) -> ProductInput:
    """Return the product of checked fields. Raises RowRefused where its variants do not fit together."""
    if not product.get("name"):
        raise RowRefused("missing_name", "name is empty: every product needs one.")
    if not 1 <= len(variants) <= limits.VARIANTS:
        raise RowRefused("too_many_variants", f"a product has 1 to {limits.VARIANTS} variants, not {len(variants)}.")
    skus = {variant.sku for variant in variants}
    if len(skus) < len(variants):
        raise RowRefused("duplicate_sku", "two variants of the product have the same sku: each needs its own.")
    sold = [variant for variant in variants if variant.is_active is not False]
    if len({tuple(sorted(variant.options.items())) for variant in sold}) < len(sold):
        raise RowRefused("duplicate_options", "two variants have the same options: let an option tell them apart.")
    return ProductInput(variants=variants, **product)
