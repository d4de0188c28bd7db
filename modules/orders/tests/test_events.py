"""What orders announces: enough to act on without asking."""

from feria_core.contracts.orders import OrderPlaced
from feria_core.ids import new_id


async def test_a_placed_order_is_announced_with_its_lines_its_time_and_its_cart(
    place, draft, order_line, published, clock
):
    line = order_line(1000, 2, discount=100)
    cart_id = new_id()
    order = await place(draft([line], tax=0, cart_id=cart_id))
    [event] = await published(OrderPlaced)
    [sent] = event.lines
    assert (sent.variant_id, sent.product_id, sent.quantity, sent.amount) == (line.variant_id, line.product_id, 2, 1900)
    assert (event.order_id, event.placed_at, event.cart_id) == (order.id, clock.at, cart_id)


async def test_1000_guesses_of_numbers_open_nothing(client, buy):
    order = await buy()
    statuses = []
    for n in range(1000):
        path = order.path if n % 100 == 99 else f"/api/orders/F-{n:04}-{n:04}"
        statuses.append((await client.get(f"{path}?token=guess{n}")).status)
    assert statuses[:20] == [404] * 20
    assert set(statuses[20:]) == {429}
    assert {(await client.get(f"{order.path}/{what}")).status for what in ("tracking", "returns", "invoice.pdf")} == {
        429
    }
