"""Forms of every kind of field: what is shown, and the body that is sent."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from feria_admin.pages.explaining import explain
from feria_admin.pages.fields import fields_of
from feria_admin.pages.forms import Form, body_of, filled_in
from feria_core.contracts.admin import Rows
from feria_core.money import MoneyIn


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Inner(BaseModel):
    street: str
    floor: int | None = None


class Everything(BaseModel):
    title: str = Field(max_length=100, description="What it is called")
    text: str = Field("", max_length=5000)
    count: int | None = None
    ratio: float | None = None
    price: MoneyIn | None = None
    is_on: bool = True
    maybe: bool | None = None
    size: Size = Size.SMALL
    mood: Literal["good", "bad"] | None = None
    starts_at: datetime | None = None
    day: date | None = None
    tags: list[str] = []
    numbers: list[int] = []
    place: Inner | None = None
    deeper: dict[str, bool | int | str] = {}
    free: dict[str, Any] = {}
    rows: list[Inner] = []
    version: int | None = None


KINDS = {
    "title": "text", "text": "long", "count": "number", "ratio": "decimal", "price": "money", "is_on": "flag",
    "maybe": "flag", "size": "choice", "mood": "choice", "starts_at": "moment", "day": "date", "tags": "lines",
    "numbers": "lines", "place": "group", "deeper": "pairs", "free": "json", "rows": "rows", "version": "version",
}  # fmt: skip
THING = {
    "title": "Old", "text": "", "count": 3, "ratio": 0.5, "price": {"amount": 1999, "currency": "USD"}, "is_on": True,
    "maybe": None, "size": "large", "mood": "good", "starts_at": "2026-01-02T03:04:05.678Z", "day": "2026-01-02",
    "tags": ["a", "b"], "numbers": [1], "place": {"street": "Main", "floor": 2}, "deeper": {"x": 1},
    "free": {"x": [1]}, "rows": [], "version": 7,
}  # fmt: skip


def blank(thing: dict[str, Any] | None = None) -> Form:
    return filled_in(fields_of(Everything), thing, currency="USD")


def typed(form: Form, **changes: str) -> dict[str, str]:
    """Return what a browser sends of this form: an unticked box is not sent."""
    ticked = {name: value for name, value in form.values.items() if value or name != "is_on"}
    return {**ticked, **{name.replace("__", "."): value for name, value in changes.items()}}


def test_each_type_has_its_control() -> None:
    fields = fields_of(Everything)
    assert {each.name: each.kind for each in fields} == KINDS
    assert fields[0].hint == "What it is called"
    assert [each.name for each in fields_of(Everything, ("mood", "title"))] == ["mood", "title", "version"]


def test_a_change_sends_only_what_was_changed() -> None:
    form = blank(THING)
    assert form.values["price"] == "19.99"
    assert form.values["starts_at"] == "2026-01-02T03:04:05"
    assert body_of(form, typed(form), is_change=True, locale="en") == {"title": "Old", "version": 7}
    form = blank(THING)
    changes = {"count": "", "price": "5", "place__floor": "", "tags": "a\r\n\r\n c ", "mood": "bad", "maybe": "false"}
    assert body_of(form, typed(form, **changes), is_change=True, locale="en") == {
        "title": "Old", "count": None, "price": {"amount": 500, "currency": "USD"}, "place": {"street": "Main"},
        "tags": ["a", "c"], "mood": "bad", "maybe": False, "version": 7,
    }  # fmt: skip


def test_a_box_that_is_unticked_is_a_change() -> None:
    form = blank(THING)
    sent = typed(form)
    del sent["is_on"]
    assert body_of(form, sent, is_change=True, locale="en")["is_on"] is False


def test_a_new_thing_leaves_out_what_is_empty() -> None:
    form = blank()
    assert body_of(form, typed(form, title="New"), is_change=False, locale="en") == {
        "title": "New", "is_on": True, "size": "small", "free": {},
    }  # fmt: skip


def test_rows_are_typed_and_those_left_empty_are_not_sent() -> None:
    form = blank()
    sent = typed(form, title="x", rows__1__street="Main", rows__1__floor="3", rows__2__street="  ")
    assert body_of(form, sent, is_change=False, locale="en")["rows"] == [{"street": "Main", "floor": 3}]
    explain(form, {"errors": [{"loc": ["body", "rows", 0, "street"], "message": "too short"}]})
    assert form.errors == {"rows.1.street": "too short"}


def test_rows_that_did_not_change_are_not_sent() -> None:
    form = blank({**THING, "rows": [{"street": "Main", "floor": 1}, {"street": "Side", "floor": None}]})
    assert "rows" not in body_of(form, typed(form), is_change=True, locale="en")
    sent = typed(form, rows__0__street="", rows__0__floor="")
    assert body_of(form, sent, is_change=True, locale="en")["rows"] == [{"street": "Side"}]


def test_pairs_are_words_numbers_and_lists() -> None:
    form = blank()
    sent = typed(form, title="x", deeper='color: red\r\nsize: 5\n code : "5"\non: true\nnote: a: b')
    deeper = {"color": "red", "size": 5, "code": "5", "on": True, "note": "a: b"}
    assert body_of(form, sent, is_change=False, locale="en")["deeper"] == deeper
    again = blank({**THING, "deeper": deeper})
    assert "deeper" not in body_of(again, typed(again), is_change=True, locale="en")
    assert body_of(again, typed(again, deeper=again.values["deeper"] + "\nx: 1"), is_change=True, locale="en")[
        "deeper"
    ] == {**deeper, "x": 1}


def test_pieces_of_a_thing_stand_with_what_is_left_of_them() -> None:
    class Pieces(BaseModel):
        item_id: str
        quantity: int

    class Parcel(BaseModel):
        items: list[Pieces] = []

    order = {"lines": [{"id": "a", "n": "Clock", "of": 3, "sent": 1}, {"id": "b", "n": "Gone", "of": 1, "sent": 1},
                       {"id": "c", "n": "Vase", "of": 2, "sent": 0}]}  # fmt: skip
    rows = {"items": Rows("lines", {"item_id": "id"}, ("n",), {"quantity": ("of", "sent")}, filled=("quantity",))}
    form = filled_in(fields_of(Parcel), None, currency="USD", rows=rows, about=order)
    assert {index: piece.label for index, piece in form.pieces["items"].items()} == {0: "Clock", 2: "Vase"}
    assert form.values["items.0.quantity"] == "2"
    sent = {"items.0.quantity": "0", "items.2.quantity": "1", "items.1.quantity": "9"}
    assert body_of(form, sent, is_change=False, locale="en") == {"items": [{"item_id": "c", "quantity": 1}]}


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("19.99", "USD", 1999), ("19,9", "eur", 1990), ("1200", "JPY", 1200), ("1.234", "KWD", 1234)],
)
def test_money_is_read_with_the_digits_of_its_currency(text: str, currency: str, amount: int) -> None:
    form = blank()
    sent = typed(form, title="x", price=text, price__currency=currency)
    assert body_of(form, sent, is_change=False, locale="en")["price"] == {
        "amount": amount,
        "currency": currency.upper(),
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("price", "19.999"), ("price", "ten"), ("price", "NaN"), ("price", "1e999"), ("count", "1.5"),
        ("count", "9e99999"),
        ("ratio", "Infinity"), ("starts_at", "tomorrow"), ("deeper", "{"), ("free", "{"), ("free", "[" * 100_000),
        ("numbers", "1\nx"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("locale", ["en", "es"])
def test_what_cannot_be_read_is_said_at_its_field(name: str, text: str, locale: str) -> None:
    form = blank()
    body_of(form, typed(form, title="x", **{name: text}), is_change=False, locale=locale)
    assert list(form.errors) == [name]
    assert form.values[name] == text


def test_a_refusal_goes_to_the_nearest_field() -> None:
    form = blank()
    errors = [
        {"loc": ["body", "title"], "message": "too short"},
        {"loc": ["body", "price", "amount"], "message": "too large"},
        {"loc": ["body", "place", "street"], "message": "missing"},
        {"loc": ["body", "rows", 0, "street"], "message": "missing too"},
        {"loc": ["body"], "message": "does not fit together"},
    ]
    explain(form, {"title": "Invalid", "errors": errors})
    assert form.errors == {
        "title": "too short", "price": "too large", "place.street": "missing", "rows.0.street": "missing too",
    }  # fmt: skip
    assert form.general == ["does not fit together"]
