"""What pieces cost: parts that add up to the last minor unit, whatever the order looks like."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from feria_orders.domain import Line
from feria_orders.shares import Cost, Totals, costs, part, price_of, total

amounts = st.integers(0, 10**7)


@st.composite
def orders(draw):
    """Give lines and the totals of an order of them."""
    lines = tuple(
        Line(
            UUID(int=n), UUID(int=n), UUID(int=n), "SKU", "Name", draw(st.integers(1, 9)), draw(amounts), draw(amounts)
        )
        for n in range(1, draw(st.integers(1, 5)) + 1)
    )
    included = draw(st.booleans())
    goods = sum(line.total + (0 if included else line.tax) for line in lines)
    grand = max(0, goods + draw(st.integers(-(10**4), 10**6)))
    return lines, Totals(grand, sum(line.tax for line in lines) + draw(st.integers(0, 10**5)), included)


@given(orders())
def test_the_lines_cost_together_what_the_order_costs(order):
    lines, totals = order
    assert sum(cost.amount for cost in costs(lines, totals).values()) == totals.grand


@given(orders(), st.data())
def test_pieces_one_by_one_cost_what_they_cost_together(order, data):
    lines, totals = order
    done = {line.id: 0 for line in lines}
    paid = Cost()
    while any(done[line.id] < line.quantity for line in lines):
        line = data.draw(st.sampled_from([line for line in lines if done[line.id] < line.quantity]))
        count = data.draw(st.integers(1, line.quantity - done[line.id]))
        one = costs(lines, totals)[line.id]
        paid += part(one, of=line.quantity, start=done[line.id], count=count)
        done[line.id] += count
    assert paid.amount == totals.grand
    assert min(paid.goods, paid.shipping, paid.goods_tax, paid.shipping_tax) >= 0


def test_shipping_is_shared_by_what_the_lines_cost():
    lines = tuple(
        Line(UUID(int=n), UUID(int=n), UUID(int=n), "SKU", "Name", quantity, price, tax)
        for n, (quantity, price, tax) in enumerate([(2, 2000, 260), (1, 1000, 130)], start=1)
    )
    # 30.00 of goods, 5.01 of shipping, 3.90 and 0.65 of tax.
    totals = Totals(3000 + 501 + 390 + 65, 390 + 65, tax_included=False)
    one = price_of(lines, totals, {UUID(int=1): 1})
    # Its line costs two thirds, 377.33 of 566: rounded down, since the other third leaves the larger rest.
    assert one[UUID(int=1)] == Cost(goods=1130, goods_tax=130, shipping=189, shipping_tax=22)
    everything = {line.id: line.quantity for line in lines}
    assert total(price_of(lines, totals, everything)).amount == totals.grand


def test_goods_that_cost_nothing_leave_the_shipping_to_the_first():
    lines = (Line(UUID(int=1), UUID(int=1), UUID(int=1), "SKU", "Name", 3, 0, 0),)
    assert costs(lines, Totals(500, 0, tax_included=False))[UUID(int=1)].shipping == 500
