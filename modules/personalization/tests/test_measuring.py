"""What recommendations are worth: who saw what, what came of it, and how sure that is."""

import math
import uuid

import pytest

from feria_core import db
from feria_personalization.domain import BUCKETS, bucket_of
from feria_personalization.service.measuring import Group, difference_of_amounts, difference_of_rates, wilson

REPORT = "/api/admin/recommendations/report"


async def report(shop, query=""):
    reply = await shop.staff.get(REPORT + query)
    assert reply.status == 200, reply.body
    return reply.json


async def put_in(visitor, bucket):
    await db.execute(
        "UPDATE personalization_person SET bucket = $1 WHERE customer_id = $2", bucket, visitor.customer_id
    )


async def test_each_answer_has_an_id_and_is_logged_with_consent(shop):
    table, chair = await shop.products("Oak table", "Chair")
    me, silent = shop.customer(), shop.guest()
    await me.agrees()
    answer, other = await me.sees("for=home&limit=1"), await silent.sees()
    assert answer["id"] != other["id"]
    row = await db.fetch_one("SELECT id, place, is_held_out, products FROM personalization_exposure")
    assert (str(row["id"]), row["place"]) == (answer["id"], "home")
    assert [str(product) for product in row["products"]] == [item["product"]["id"] for item in answer["items"]]
    assert len(row["products"]) == 1
    del table, chair


async def test_a_click_and_the_purchase_after_it_count_for_the_place(shop, clock):
    table, chair = await shop.products("Oak table", "Chair")
    me = shop.customer()
    await me.agrees()
    await put_in(me, BUCKETS - 1)
    answer = await me.sees("for=home")
    click = {"kind": "click", "product_id": table, "recommendation_id": answer["id"]}
    clock.move(minutes=1)
    assert await me.tells(click, click) == 2
    clock.move(minutes=1)
    await shop.sold(table, chair, customer=me.customer_id, amount=700)
    clock.move(minutes=1)
    told = await report(shop)
    assert told["places"] == [
        {
            "place": "home", "held_out": False, "answers": 1, "items": 2, "clicks": 1, "click_rate": 1.0,
            "purchases": 1, "amount": {"amount": 700, "currency": "USD"},
        }
    ]  # fmt: skip
    assert told["recommended"] == {
        "people": 1, "buyers": 1, "orders": 1, "conversion": 1.0, "amount": {"amount": 1400, "currency": "USD"},
    }  # fmt: skip
    assert told["held_out"]["people"] == 0
    assert (told["conversion_uplift"], told["amount_uplift"]) == (None, None)


async def test_a_click_on_an_answer_of_somebody_else_or_of_another_product_counts_for_nothing(shop, clock):
    table, chair = await shop.products("Oak table", "Chair")
    me, thief = shop.customer(), shop.customer()
    for person in (me, thief):
        await person.agrees()
        await put_in(person, BUCKETS - 1)
    answer = await me.sees(f"for=product&product={table}")
    clock.move(seconds=1)
    click = {"kind": "click", "recommendation_id": answer["id"]}
    await thief.tells({**click, "product_id": chair})
    await me.tells({**click, "product_id": table})
    await me.tells({"kind": "click", "recommendation_id": str(uuid.uuid4()), "product_id": chair})
    clock.move(seconds=1)
    assert [(place["clicks"], place["purchases"]) for place in (await report(shop))["places"]] == [(0, 0)]


async def test_a_purchase_before_the_answer_or_long_after_it_counts_for_nothing(shop, clock):
    product, me = await shop.product(), shop.customer()
    await me.agrees()
    await put_in(me, BUCKETS - 1)
    await shop.sold(product, customer=me.customer_id)
    clock.move(minutes=1)
    await me.sees()
    clock.move(days=8)
    await shop.sold(product, customer=me.customer_id)
    clock.move(minutes=1)
    assert (await report(shop))["recommended"]["buyers"] == 0


async def test_both_groups_are_compared(shop, clock):
    product = await shop.product()
    for number in range(6):
        person = shop.customer()
        await person.agrees()
        await put_in(person, 0 if number < 3 else BUCKETS - 1)
        await person.sees()
        clock.move(seconds=1)
        if number in {0, 3, 4}:
            await shop.sold(product, customer=person.customer_id, amount=900)
        clock.move(seconds=1)
    told = await report(shop)
    assert (told["held_out"]["people"], told["held_out"]["buyers"]) == (3, 1)
    assert (told["recommended"]["people"], told["recommended"]["buyers"]) == (3, 2)
    uplift = told["conversion_uplift"]
    assert uplift["value"] == pytest.approx(1 / 3, abs=1e-5)
    assert uplift["low"] < 0 < uplift["value"] < uplift["high"]
    assert uplift["is_significant"] is False
    assert uplift["relative"] == pytest.approx(1.0, abs=1e-5)
    assert told["amount_uplift"]["value"] == pytest.approx(300.0)


async def test_the_span_is_chosen_and_an_empty_one_is_empty(shop, clock):
    me = shop.customer()
    await shop.product()
    await me.agrees()
    await me.sees()
    clock.move(days=2)
    assert (await report(shop))["recommended"]["people"] + (await report(shop))["held_out"]["people"] == 1
    told = await report(shop, "?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z")
    assert (told["recommended"]["people"], told["places"]) == (0, [])
    for query in (
        "?from=2020-02-01T00:00:00Z&to=2020-01-01T00:00:00Z",
        "?from=2020-01-01",
        "?from=x",
        "?to=0001-01-01T00:00:00Z",
    ):
        assert (await shop.staff.get(REPORT + query)).code == "validation_failed"


def test_buckets_are_even_and_stay():
    ids = [uuid.uuid5(uuid.NAMESPACE_URL, str(number)) for number in range(20_000)]
    share = sum(bucket_of(person) < BUCKETS // 20 for person in ids) / len(ids)
    assert share == pytest.approx(0.05, abs=0.008)
    assert [bucket_of(person) for person in ids[:50]] == [bucket_of(person) for person in ids[:50]]


def test_the_intervals_are_those_that_were_published():
    """Newcombe 1998, table II: 56/70 against 48/80, and 9/10 against 3/10."""
    found = difference_of_rates(Group(people=70, buyers=56), Group(people=80, buyers=48))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.is_significant
    found = difference_of_rates(Group(people=10, buyers=9), Group(people=10, buyers=3))
    assert (found.low, found.high) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert wilson(0, 10)[0] == 0.0


def test_the_interval_of_amounts_grows_with_what_varies():
    calm = difference_of_amounts(Group(people=100, amount=100_000, variance=100.0), Group(people=100, amount=90_000))
    assert calm.value == pytest.approx(100.0)
    assert calm.high - calm.value == pytest.approx(1.959964 * math.sqrt(1.0))
    wild = difference_of_amounts(Group(people=100, amount=100_000, variance=1e8), Group(people=100, amount=90_000))
    assert not wild.is_significant
