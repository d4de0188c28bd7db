"""Discounts and merges, without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feria_cart.domain import CartView, StoredCart, StoredLine, basket_of
from feria_cart.domain import priced as priced_by
from feria_cart.merging import Policy, Room, merge
from feria_core.contracts.catalog import Offer
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment, LineAmounts
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


def priced(
    stored: StoredCart, offers: dict, adjustments: list[Adjustment], currency: str, minimum: int = 0
) -> CartView:
    return priced_by(stored, offers, basket_of(stored, offers, currency), adjustments, minimum=minimum)


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


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 5)), min_size=1, max_size=5),
    st.lists(st.lists(st.integers(-20, 400), max_size=5), max_size=4),
    st.booleans(),
)
def test_each_discount_takes_what_those_before_it_have_left(lines: list, cuts: list, told_as_numbers: bool) -> None:
    stored, offers = cart_of(*lines)
    left = {line.item_id: price * quantity for line, (price, quantity) in zip(stored.lines, lines, strict=True)}
    adjustments, wanted = [off(stored, *cut) for cut in cuts], []
    if told_as_numbers:
        items, amounts = list(left), [one.amounts for one in adjustments]
        adjustments = [
            one._replace(
                amounts=LineAmounts("USD", items, [told[item].amount if item in told else 0 for item in items])
            )
            for one, told in zip(adjustments, amounts, strict=True)
        ]
    for one in adjustments:
        taken = {item: min(max(money.amount, 0), left[item]) for item, money in one.amounts.items()}
        left = {item: there - taken.get(item, 0) for item, there in left.items()}
        wanted.append(sum(taken.values()))
    view = priced(stored, offers, adjustments, "USD")
    assert [line.total.amount for line in view.snapshot.lines] == list(left.values())
    assert [one.amount.amount for one in view.discounts] == [amount for amount in wanted if amount]


def test_the_least_order_counts_lines_before_discounts() -> None:
    stored, offers = cart_of((1000, 2))
    assert priced(stored, offers, [off(stored, 500)], "USD", minimum=2000).snapshot.minimum_missing is None
    assert priced(stored, offers, [], "USD", minimum=2001).snapshot.minimum_missing == Money(1, "USD")


def merged(own: int, guest: int, what: Offer, policy: Policy = Policy.SUM, **room: object) -> tuple[str, int]:
    notes = merge(
        {what.variant_id: own} if own else {}, {what.variant_id: guest}, {what.variant_id: what}, policy=policy,
        room=Room(**{"of_line": 9999, **room}),
    )  # fmt: skip
    return notes[0].kind, notes[0].quantity


@pytest.mark.parametrize(
    ("policy", "both", "guests_alone"), [("sum", 5, 3), ("max", 3, 3), ("guest", 3, 3), ("user", 2, 3)]
)
def test_each_policy_says_whose_quantity_counts(policy: str, both: int, guests_alone: int) -> None:
    assert merged(2, 3, offer(1), Policy(policy)) == ("combined", both)
    assert merged(0, 3, offer(1), Policy(policy)) == ("added", guests_alone)


def test_merged_quantities_are_capped_by_stock_and_by_limits() -> None:
    assert merged(2, 3, offer(1, available=4)) == ("capped_by_stock", 4)
    assert merged(6000, 6000, offer(1, available=10**6)) == ("capped_by_limit", 9999)
    assert merged(0, 3, offer(1, available=0)) == ("capped_by_stock", 1)
    assert merged(2, 3, offer(1), in_all=4) == ("capped_by_limit", 4)
    limited = offer(1)
    assert merged(2, 3, limited, of_products={limited.product_id: 3}) == ("capped_by_limit", 3)
    assert merged(0, 3, limited, of_products={limited.product_id: 0}) == ("saved_for_later", 0)


def test_what_the_owner_had_is_never_taken_away_by_a_limit() -> None:
    limited = offer(1)
    assert merged(5, 3, limited, of_products={limited.product_id: 2}) == ("capped_by_limit", 5)


def test_a_limit_of_a_product_counts_all_its_variants() -> None:
    red = offer(1)
    blue = replace(offer(1), product_id=red.product_id)
    notes = merge(
        {red.variant_id: 2}, {blue.variant_id: 5}, {o.variant_id: o for o in (red, blue)}, policy=Policy.SUM,
        room=Room(9999, None, {red.product_id: 3}),
    )  # fmt: skip
    assert [(note.kind, note.quantity) for note in notes] == [("capped_by_limit", 1)]
