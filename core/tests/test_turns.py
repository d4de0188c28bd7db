"""Requests in turn: how many at a time, in which order, and what holds nobody up."""

from __future__ import annotations

import asyncio

import pytest

from feria_core.http import PUBLIC, ApiBlueprint
from feria_core.http.shop import Shop
from feria_core.http.turns import AT_ONCE_FAR, AT_ONCE_HERE, Turns, at_once_for


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("at_once", [1, 3])
async def test_so_many_are_worked_on_and_the_others_in_the_order_in_which_they_came(at_once: int) -> None:
    turns, done, go = Turns(at_once, patience_s=60), list[int](), [asyncio.Event() for _ in range(8)]
    working = set[int]()

    async def work(number: int) -> None:
        turn = await turns.begin()
        working.add(number)
        await go[number].wait()
        working.remove(number)
        done.append(number)
        turns.end(turn)

    tasks = [asyncio.create_task(work(number)) for number in range(8)]
    await settle()
    for number in range(8):
        assert working == set(range(number, min(number + at_once, 8)))
        go[number].set()
        await settle()
    await asyncio.gather(*tasks)
    assert done == list(range(8))


async def test_who_comes_while_others_wait_waits_behind_them() -> None:
    turns = Turns(1, patience_s=60)
    first = await turns.begin()
    second = asyncio.create_task(turns.begin())
    await settle()
    turns.end(first)  # the second one's turn, which it has not yet taken
    third = asyncio.create_task(turns.begin())
    await settle()
    assert second.done()
    assert not third.done()
    turns.end(second.result())
    await third


async def test_what_takes_long_counts_no_more_and_ending_later_lets_nobody_in_twice() -> None:
    turns = Turns(1, patience_s=0.02)
    slow = await turns.begin()
    second = await asyncio.wait_for(turns.begin(), 1)
    third = asyncio.create_task(turns.begin())
    turns.end(slow)
    await settle()
    assert not third.done()
    turns.end(second)
    turns.end(await third)
    assert await asyncio.wait_for(turns.begin(), 1) > 0


async def test_who_gives_up_leaves_no_gap_even_at_the_moment_of_his_turn() -> None:
    turns = Turns(1, patience_s=60)
    first = await turns.begin()
    waiting = [asyncio.create_task(turns.begin()) for _ in range(3)]
    await settle()
    waiting[0].cancel()
    await settle()
    turns.end(first)  # the second one's turn
    waiting[1].cancel()
    await settle()
    assert [task.cancelled() for task in waiting] == [True, True, False]
    turns.end(await asyncio.wait_for(waiting[2], 1))
    assert await asyncio.wait_for(turns.begin(), 1) > 0


async def test_routes_in_turn_wait_for_each_other_alone_and_an_error_ends_the_turn() -> None:
    app, blueprint, go, seen = Shop("probe", static_folder=None), ApiBlueprint("probe", __name__), asyncio.Event(), []
    app.turns = Turns(1, patience_s=60)

    @blueprint.endpoint("GET", "/carts/<name>", access=PUBLIC, in_turn=True)
    async def cart(name: str) -> str:
        seen.append(name)
        if name == "slow":
            await go.wait()
        if name == "broken":
            raise ValueError(name)
        return f'"{name}"'

    @blueprint.endpoint("GET", "/products", access=PUBLIC)
    async def products() -> str:
        seen.append("products")
        return "[]"

    app.register_blueprint(blueprint)
    waiting = [asyncio.create_task(app.test_client().get(f"/carts/{name}")) for name in ("slow", "broken", "quick")]
    await settle()
    assert (await app.test_client().get("/products")).status_code == 200
    assert seen == ["slow", "products"]
    go.set()
    assert [(await one).status_code for one in waiting] == [200, 500, 200]
    assert seen == ["slow", "products", "broken", "quick"]


@pytest.mark.parametrize(
    ("url", "at_once"),
    [
        ("postgresql://feria@/feria?host=/var/lib/feria&port=5432", AT_ONCE_HERE),
        ("postgresql://feria:x@localhost/feria", AT_ONCE_HERE),
        ("postgresql://feria@[::1]:5432/feria", AT_ONCE_HERE),
        ("postgresql:///feria", AT_ONCE_HERE),
        ("postgresql://feria@db.example/feria", AT_ONCE_FAR),
        ("postgresql://feria@/feria?host=db.example", AT_ONCE_FAR),
        ("postgresql://feria@10.0.0.7:6432/feria", AT_ONCE_FAR),
    ],
)
def test_a_database_far_away_keeps_more_requests_under_way(url: str, at_once: int) -> None:
    assert at_once_for(url) == at_once
