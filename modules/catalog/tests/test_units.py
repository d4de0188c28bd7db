"""Units of measure: conversions are exact enough to come back, and only between units of one kind."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feria_catalog import units
from feria_catalog.attributes.definitions import BadValue, Definition, plain_number

SYMBOLS = sorted(units._EXACT)
numbers = st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False, allow_infinity=False)


@given(number=numbers, pair=st.tuples(st.sampled_from(SYMBOLS), st.sampled_from(SYMBOLS)))
def test_a_number_comes_back_from_another_unit_of_its_kind(number, pair):
    first, second = pair
    if units.find(first).dimension != units.find(second).dimension:
        with pytest.raises(units.NotConvertible):
            units.convert(number, first, second)
        return
    back = units.convert(units.convert(number, first, second), second, first)
    assert abs(back - number) <= abs(number) * Decimal("1e-30")


@given(numbers, numbers, st.sampled_from(SYMBOLS))
def test_conversion_keeps_the_order(one, other, symbol):
    unit = units.find(symbol)
    base = next(s for s in SYMBOLS if units.find(s).dimension == unit.dimension and units.find(s).factor == 1)
    assert (one < other) == (units.convert(one, symbol, base) < units.convert(other, symbol, base))


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text):
    quantity = units.parse(text)
    assert quantity is None or quantity.value.is_finite()
    units.number_in(text, "kg")


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("1.5 kg", "g", "1500"), ("1500 g", "kg", "1.5"), ("1500", "g", "1500"), ("12in", "cm", "30.48"),
        ("2 TB", "GB", "2000"), ("1 GiB", "MiB", "1024"), ("90 min", "h", "1.5"), ("3.5 GHz", "MHz", "3500"),
        ("750 W", "kW", "0.75"), ("1 KG", "g", "1000"), ("-5 mm", "m", "-0.005"), ("5 pcs", "pcs", "5"),
        ("5 pcs", "kg", None), ("5 kg", "m", None), ("kg", "kg", None), ("1,5 kg", "kg", None), ("5 kg", None, None),
        ("5 mw", "W", None),
    ],
)  # fmt: skip
def test_quantities_become_numbers_of_the_wished_unit(text, unit, number):
    found = units.number_in(text, unit)
    assert (plain_number(found) if found is not None else None) == number


@given(
    st.sampled_from(("text", "int", "decimal", "bool", "enum", "multi", "date")),
    st.one_of(
        st.text(max_size=40), st.booleans(), st.integers(), st.floats(), st.decimals(), st.lists(st.text(), max_size=5)
    ),
)
def test_what_fits_once_fits_again_unchanged(type_, value):
    definition = Definition(
        "x",
        "X",
        type_,
        "kg" if type_ in ("int", "decimal") else None,
        allowed_values=("Oak", "Pine") if type_ == "enum" else (),
        is_declared=True,
    )
    try:
        stored = definition.fit(value)
    except BadValue:
        return
    assert definition.fit(stored) == stored
