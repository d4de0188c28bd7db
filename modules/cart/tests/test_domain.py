"""Discounts and merged quantities, without a database."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from feria_cart.domain import StoredCart, StoredLine, merged_quantity, priced
from feria_core.contracts.catalog import Offer
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment
from feria_core.ids import new_id


def offer(price: int, available: int = 100) -> Offer:
    return Offer(new_id(), new_id(), "S", "N", "n", {}, Money(price, "USD"), available, True, 0, "standard", None, "{}")


def cart_of(*prices_and_quantities: tuple[int, int]) -> tuple[StoredCart, dict]:
    offers = [offer(price) for price, _ in prices_and_quantities]
    lines = tuple(
        StoredLine(new_id(), o.variant_id, quantity, o.price)
        for o, (_, quantity) in zip(offers, prices_and_quantities, strict=True)
    )
    return StoredCart(new_id(), 1, None, lines, ()), {o.variant_id: o for o in offers}


def off(stored: StoredCart, *amounts: int, promotion: str = "p", currency: str = "USD") -> Adjustment:
    return Adjustment(
        promotion, promotion, {line.item_id: Money(a, currency) for line, a in zip(stored.lines, amounts, strict=False)}
    )


def test_a_reduction_is_taken_off_its_lines_and_listed_once() -> None:
    stored, offers = cart_of((1000, 2), (500, 1))
    view = priced(stored, offers, [off(stored, 300, 50)], "USD")
    assert [line.total.amount for line in view.snapshot.lines] == [1700, 450]
    assert [line.discount.amount for line in view.snapshot.lines] == [300, 50]
    assert [d.amount.amount for d in view.discounts] == [350]
    assert (view.snapshot.subtotal.amount, view.snapshot.discount_total.amount, view.snapshot.total.amount) == (
        2500, 350, 2150,
    )  # fmt: skip


def test_a_line_never_falls_below_zero_and_a_discount_shows_what_it_really_took() -> None:
    stored, offers = cart_of((1000, 1))
    view = priced(stored, offers, [off(stored, 900), off(stored, 900, promotion="q")], "USD")
    assert view.snapshot.total.amount == 0
    assert [(d.promotion, d.amount.amount) for d in view.discounts] == [("p", 900), ("q", 100)]


def test_a_negative_a_foreign_and_a_strangers_amount_change_nothing() -> None:
    stored, offers = cart_of((1000, 1))
    stranger = Adjustment("x", "x", {new_id(): Money(5, "USD")})
    view = priced(stored, offers, [off(stored, -5), off(stored, 5, currency="EUR"), stranger], "USD")
    assert view.snapshot.total.amount == 1000
    assert view.discounts == ()


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 9999)), max_size=8),
    st.lists(st.lists(st.integers(-(10**12), 10**14), max_size=8), max_size=4),
)
def test_lines_discounts_and_totals_always_add_up(lines: list, cuts: list) -> None:
    stored, offers = cart_of(*lines)
    view = priced(stored, offers, [off(stored, *cut) for cut in cuts], "USD")
    cart = view.snapshot
    assert cart.total.amount == sum(line.total.amount for line in cart.lines) >= 0
    assert cart.discount_total.amount == sum(line.discount.amount for line in cart.lines)
    assert cart.discount_total.amount == sum(d.amount.amount for d in view.discounts)
    assert cart.subtotal == cart.total + cart.discount_total
    assert all(0 <= line.discount.amount <= line.unit_price.amount * line.quantity for line in cart.lines)


def test_merged_quantities_add_capped_by_stock_and_by_the_bound() -> None:
    assert merged_quantity(2, 3, offer(1, available=100), largest=9999) == 5
    assert merged_quantity(2, 3, offer(1, available=4), largest=9999) == 4
    assert merged_quantity(6000, 6000, offer(1, available=10**6), largest=9999) == 9999
    assert merged_quantity(0, 3, offer(1, available=0), largest=9999) == 1
    assert merged_quantity(2, 3, None, largest=9999) == 5
