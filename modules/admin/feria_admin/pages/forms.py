"""Forms: what stands in them at first, and the body that comes of what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from feria_admin.pages.cells import decimal, is_money, keyed
from feria_admin.pages.choosing import Options
from feria_admin.pages.drawn import member
from feria_admin.pages.fields import KEY, Field
from feria_admin.pages.reading import NotReadable, read, shown
from feria_admin.pages.texts import say
from feria_core.contracts.admin import Rows

Typed = Mapping[str, str]
MAX_ROWS, SPARE_ROWS = 200, 3
NO_ROWS: Mapping[str, Rows] = {}


@dataclass(frozen=True)
class Piece:
    """A row that stands for a member of the thing's list."""

    label: str
    keys: Mapping[str, Any]
    most: Mapping[str, int]


@dataclass
class Form:
    """Fields with what stands in them, by the name of the control.

    `counts` are the rows of each list; where these stand for members of the thing, `pieces` has them by their place.
    """

    fields: tuple[Field, ...]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    problem: Mapping[str, Any] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    pieces: dict[str, dict[int, Piece]] = field(default_factory=dict)
    sent: dict[str, list[int]] = field(default_factory=dict)
    options: dict[str, Options] = field(default_factory=dict)
    currency: str = ""

    def rows(self, each: Field) -> Iterator[tuple[int, Piece | None, tuple[Field, ...]]]:
        """Give the rows of a list: their place, what they stand for, their fields."""
        pieces = self.pieces.get(each.name)
        for index in range(self.counts.get(each.name, 0)) if pieces is None else pieces:
            piece = pieces[index] if pieces is not None else None
            hidden = piece.keys if piece else ()
            yield index, piece, tuple(one for one in each.row(index) if one.name.rpartition(".")[2] not in hidden)

    def options_of(self, each: Field) -> Options | None:
        """Return what can be chosen in a field: what was searched for there, else what its rows share."""
        return self.options.get(each.name) or self.options.get(shared_name(each.name))

    def is_ticked(self, each: Field) -> bool:
        """Return True where several of known values are chosen by ticking them."""
        options = self.options_of(each)
        return each.kind == "lines" and options is not None and options.is_all

    def leaves(self, fields: tuple[Field, ...] | None = None) -> Iterator[Field]:
        """Give the fields that have a control."""
        for each in self.fields if fields is None else fields:
            if each.kind == "group":
                yield from each.inner
            elif each.kind == "rows":
                for _, _, inner in self.rows(each):
                    yield from inner
            else:
                yield each

    def names(self, fields: tuple[Field, ...] | None = None) -> Iterator[str]:
        """Give the name of each control."""
        for each in self.leaves(fields):
            yield each.name
            if each.kind == "money":
                yield f"{each.name}.currency"


def shared_name(name: str) -> str:
    """Return a control's name without its row: "lines.0.variant_id" is "lines.variant_id"."""
    return ".".join(part for part in name.split(".") if not part.isdecimal())


def filled_in(
    fields: tuple[Field, ...],
    thing: Mapping[str, Any] | None,
    *,
    currency: str,
    rows: Mapping[str, Rows] = NO_ROWS,
    about: Mapping[str, Any] | None = None,
) -> Form:
    """Return the form as it is first shown: the members of `thing`, else the defaults; `rows` stand for `about`'s."""
    form = Form(fields, currency=currency)
    for each in fields:
        if each.kind == "rows" and each.name in rows:
            form.pieces[each.name] = _pieces(rows[each.name], about or {})
        elif each.kind == "rows":
            known = member(thing, each.name) if thing is not None else None
            form.counts[each.name] = _whole(known) + (1 if thing is not None else SPARE_ROWS)
    for each in form.leaves():
        fill(form, each, _standing(each, thing))
    for name, pieces in form.pieces.items():
        for index, piece in pieces.items():
            for part, most in piece.most.items():
                form.values[f"{name}.{index}.{part}"] = str(most if part in rows[name].filled else 0)
    return form


def fill(form: Form, each: Field, value: Any) -> None:
    """Put a value into its control."""
    each = _measured(form, each)
    if each.kind == "money":
        known = is_money(value)
        form.values[f"{each.name}.currency"] = value["currency"] if known else form.currency
        form.values[each.name] = decimal(value) if known else ""
    else:
        form.values[each.name] = shown(each, value, form.currency)


def body_of(form: Form, typed: Typed, *, is_change: bool, locale: str) -> dict[str, Any]:
    """Return the body of what was typed; `form` keeps it, with an error at each field that cannot be read.

    A change sends what differs from what stood there, and what the body always needs.
    """
    before, counts = dict(form.values), dict(form.counts)
    for name in form.counts:
        count = typed.get(f"{name}.rows", "")
        form.counts[name] = min(int(count), MAX_ROWS) if count.isdecimal() and len(count) < 6 else counts[name]  # noqa: PLR2004
    switches = {each.name for each in form.leaves() if each.kind == "flag" or form.is_ticked(each)}
    for each in form.leaves():
        for name in form.names((each,)):
            # A switch that is off is not sent at all; of anything else that is missing, what stood there stays.
            kept = "" if name in switches else before.get(name, form.currency if name.endswith(".currency") else "")
            form.values[name] = typed.get(name, kept).replace("\r\n", "\n")
    body: dict[str, Any] = {}
    for each in form.fields:
        if each.kind == "group":
            _put_group(body, each, form, before, is_change=is_change, locale=locale)
        elif each.kind == "rows":
            _put_rows(body, each, form, before, is_change=is_change, locale=locale)
        else:
            _put(body, each, form, before, is_change=is_change, locale=locale)
    return body


def _standing(each: Field, thing: Mapping[str, Any] | None) -> Any:
    if thing is None:
        return each.default
    first, *rest = each.name.split(".")
    value = thing.get(first)
    for part in rest:
        if part.isdecimal():
            value = keyed(value)
        if part.isdecimal() and isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _pieces(rows: Rows, about: Mapping[str, Any]) -> dict[int, Piece]:
    """Return the members that are left, by their place."""
    pieces = {}
    for index, one in enumerate(member(about, rows.member) or ()):
        most = {
            part: max(0, sum(int(member(one, name) or 0) * (-1 if place else 1) for place, name in enumerate(names)))
            for part, names in rows.most.items()
        }
        if any(most.values()):
            label = " · ".join(str(member(one, name)) for name in rows.label if member(one, name))
            pieces[index] = Piece(label, {name: member(one, path) for name, path in rows.keys.items()}, most)
    return pieces


def _whole(known: Any) -> int:
    return len(known) if isinstance(known, list | Mapping) else 0


def _put_group(body: dict[str, Any], group: Field, form: Form, before: Typed, *, is_change: bool, locale: str) -> None:
    names = list(form.names((group,)))
    if is_change and not group.is_required and all(form.values[name] == before.get(name, "") for name in names):
        return
    inner: dict[str, Any] = {}
    for each in group.inner:
        _put(inner, each, form, {}, is_change=False, locale=locale)
    typed = any(form.values[each.name] for each in group.inner if each.kind != "flag")
    if typed or group.is_required or any(value is True for value in inner.values()):
        body[group.name] = inner
    elif is_change and group.is_nullable:
        body[group.name] = None


def _put_rows(body: dict[str, Any], rows: Field, form: Form, before: Typed, *, is_change: bool, locale: str) -> None:
    names = list(form.names((rows,)))
    if is_change and not rows.is_required and all(form.values[name] == before.get(name, "") for name in names):
        return
    made: list[dict[str, Any]] = []
    form.sent[rows.name] = []
    for index, piece, fields in form.rows(rows):
        if not any(_is_typed(each, form, piece) for each in fields):
            continue
        inner: dict[str, Any] = dict(piece.keys) if piece else {}
        for each in fields:
            _put(inner, each, form, {}, is_change=False, locale=locale)
        made.append(inner)
        form.sent[rows.name].append(index)
    if made or rows.is_required or is_change:
        body[rows.name] = _by_key(form, rows, made, locale) if rows.is_keyed else made


def _by_key(form: Form, rows: Field, made: list[dict[str, Any]], locale: str) -> dict[str, Any]:
    """Return the rows as an object by their keys; one that is missing or comes twice is an error of its row."""
    named: dict[str, Any] = {}
    for index, row in zip(form.sent[rows.name], made, strict=True):
        key = row.pop(KEY, "").strip()
        if not key or key in named:
            form.errors[f"{rows.name}.{index}.{KEY}"] = say("key_twice" if key else "key_needed", locale)
        named[key] = row
    return named


def _measured(form: Form, each: Field) -> Field:
    """Return the field with its numbers as what a sibling says that they count."""
    beside = each.name.rpartition(".")[0]
    return replace(each, inner=tuple(_measured_one(form, one, beside) for one in each.inner)) if each.inner else each


def _measured_one(form: Form, each: Field, beside: str) -> Field:
    if each.unit_by is None:
        return each
    sibling, kinds = each.unit_by
    return replace(each, kind=kinds.get(form.values.get(f"{beside}.{sibling}", ""), each.kind))


def _is_typed(each: Field, form: Form, piece: Piece | None) -> bool:
    text = form.values[each.name].strip()
    return text not in ("", "0") if piece else bool(text) and text != shown(each, each.default, form.currency)


def _put(body: dict[str, Any], each: Field, form: Form, before: Typed, *, is_change: bool, locale: str) -> None:
    name, text = each.name.rpartition(".")[2], form.values[each.name]
    is_same = all(form.values[part] == before.get(part, "") for part in form.names((each,)))
    if is_change and is_same and not each.is_required and each.kind != "version":
        return
    if not text.strip() and each.kind != "flag":
        if is_change and not is_same:
            body[name] = _emptied(each)
        elif each.is_required and each.kind in ("text", "long", "lines"):
            body[name] = [] if each.kind == "lines" else ""
        return
    try:
        value = read(_measured(form, each), text, form.values.get(f"{each.name}.currency", form.currency), locale)
    except NotReadable as error:
        form.errors[each.name] = str(error)
        return
    if each.kind == "flag" and value is None:
        if is_change:
            body[name] = None
        return
    body[name] = value


def _emptied(each: Field) -> Any:
    """Return what takes a value away: empty text where it may be empty, since null may mean that it stays."""
    if each.kind in ("lines", "pairs"):
        return [] if each.kind == "lines" else {}
    may_be_empty = each.kind in ("text", "long") and not each.min_length
    return "" if may_be_empty or not each.is_nullable else None
