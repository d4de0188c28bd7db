"""Limits hold for twins; a key has one effect and one answer."""

from __future__ import annotations

import asyncio

import pytest
from quart import Quart

from feria_core import idempotency
from feria_core.auth import PUBLIC
from feria_core.errors import BadRequest, RateLimited
from feria_core.http import Answer
from feria_core.http import blueprint as routes
from feria_core.limits import Limit, address_key, hit
from feria_core.testing.clock import MovableClock

THREE_AN_HOUR = Limit("contact", 3, 3600)


async def test_of_twenty_twins_three_pass(database: None) -> None:
    results = await asyncio.gather(*(hit(THREE_AN_HOUR, "192.0.2.1") for _ in range(20)), return_exceptions=True)
    assert sum(not isinstance(result, Exception) for result in results) == 3
    assert all(isinstance(result, RateLimited) for result in results if isinstance(result, Exception))
    assert (await hit(THREE_AN_HOUR, "192.0.2.2")).remaining == 2


async def test_the_window_slides(database: None) -> None:
    with MovableClock() as clock:
        for _ in range(3):
            await hit(THREE_AN_HOUR, "a")
            clock.move(minutes=20)
        with pytest.raises(RateLimited) as refused:
            clock.move(seconds=-1)
            await hit(THREE_AN_HOUR, "a")
        assert refused.value.headers["Retry-After"] == "1"
        clock.move(seconds=1)
        await hit(THREE_AN_HOUR, "a")


def test_ipv6_counts_by_its_64_network() -> None:
    assert address_key("2001:db8:1:2:3:4:5:6") == address_key("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1")
    assert address_key("nonsense") == "unknown"


async def test_of_fifty_twins_one_claims_the_key(database: None) -> None:
    results = await asyncio.gather(*(idempotency.claim("s", "k", b"x") for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(result, idempotency.Claim) for result in results) == 1
    assert sum(isinstance(result, idempotency.InProgress) for result in results) == 49


async def test_the_first_answer_is_kept_and_another_body_is_refused(database: None) -> None:
    claimed = await idempotency.claim("s", "k", b"x")
    assert isinstance(claimed, idempotency.Claim)
    answer = idempotency.StoredAnswer(201, {"Content-Type": "application/json"}, b'{"number":"F-1"}')
    await idempotency.finish(claimed, answer)
    assert await idempotency.claim("s", "k", b"x") == answer
    with pytest.raises(idempotency.KeyReused):
        await idempotency.claim("s", "k", b"y")
    assert isinstance(await idempotency.claim("another customer", "k", b"y"), idempotency.Claim)


async def test_a_claim_of_a_dead_process_is_free_after_a_minute_and_an_answer_after_a_day(database: None) -> None:
    with MovableClock() as clock:
        await idempotency.claim("s", "k", b"x")
        clock.move(seconds=61)
        again = await idempotency.claim("s", "k", b"x")
        assert isinstance(again, idempotency.Claim)
        await idempotency.finish(again, idempotency.StoredAnswer(200, {}, b""))
        clock.move(hours=25)
        assert isinstance(await idempotency.claim("s", "k", b"other"), idempotency.Claim)


@pytest.mark.parametrize("key", ["", "ü", "a b", "x" * 256, "a\x00"])
def test_keys_are_visible_ascii(key: str) -> None:
    with pytest.raises(BadRequest):
        idempotency.check_key(key)


async def test_a_limit_met_inside_is_not_the_answer_for_a_day(app: Quart, database: None) -> None:
    """Whoever waits as he was told gets what he asked for, with the same key."""
    answers = [RateLimited("Too fast.", headers={"Retry-After": "7"}), Answer({"done": True})]

    async def handler() -> Answer:
        answer = answers.pop(0)
        if isinstance(answer, RateLimited):
            raise answer
        return answer

    view = routes._view(routes.Endpoint("POST", "/api/limited", PUBLIC, idempotent=True), handler)
    asked = []
    for _ in range(3):
        async with app.test_request_context("/api/limited", method="POST", headers={"Idempotency-Key": "k"}):
            asked.append(await view())
    assert [each.status_code for each in asked] == [429, 200, 200]
    assert asked[0].headers["Retry-After"] == "7"
    assert asked[2].headers["Idempotent-Replayed"] == "true"
