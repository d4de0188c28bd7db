"""Models: trained in a process of their own, in service at once or not at all, gone back from."""

import asyncio
import random
import sys
import time
from contextlib import asynccontextmanager

import psutil
import pytest

from feria_core import db
from feria_core.jobs import enqueue
from feria_core.runtime import current
from feria_core.testing.work import run_jobs
from feria_core.work import lease_due, run_job
from feria_personalization import checks
from feria_personalization.service import staleness, training

MODEL = "/api/admin/recommendations/model"
KILLS = 50


async def baskets(shop):
    table, chair, lamp = await shop.products("Oak table", "Chair", "Lamp")
    await shop.sales([[table, chair]] * 6 + [[lamp]] * 6)
    return table, chair, lamp


async def versions():
    rows = await db.fetch_all("SELECT version, state FROM personalization_model ORDER BY version")
    return [(row["version"], row["state"]) for row in rows]


async def test_staff_ask_for_a_training_and_a_worker_does_it_in_a_process_of_its_own(shop):
    table, chair, _ = await baskets(shop)
    await run_jobs()
    asked = await shop.staff.post("/api/admin/recommendations/train")
    assert asked.status == 202
    again = await shop.staff.post("/api/admin/recommendations/train")
    assert again.json == asked.json
    waiting = (await shop.staff.get(MODEL)).json
    assert (waiting["version"], waiting["training"]["state"], waiting["training"]["progress"]) == (None, "waiting", 0)
    assert await run_jobs() == ["done"]
    told = (await shop.staff.get(MODEL)).json
    assert told["training"]["id"] == asked.json["job_id"]
    assert (told["training"]["state"], told["training"]["progress"]) == ("done", 1)
    assert told["version"] == told["training"]["version"]
    assert set(told["metrics"]) == {"next", "basket", "bought_with"}
    assert told["history"][0]["learned_from"]["sales"] == 18
    assert (await shop.guest().ids(f"for=product&product={table}"))[0] == chair


async def test_permissions_are_asked_for(client):
    reader, trainer = client.as_staff("recommendations.read"), client.as_staff("recommendations.train")
    assert (await reader.get(MODEL)).status == 200
    assert (await reader.get("/api/admin/recommendations/report")).status == 200
    assert (await reader.post("/api/admin/recommendations/train")).status == 403
    assert (await reader.post("/api/admin/recommendations/rollback")).status == 403
    assert (await trainer.get(MODEL)).status == 403
    assert (await client.as_customer().get(MODEL)).status == 403
    assert (await client.get(MODEL)).status == 401


async def test_a_training_of_nothing_is_a_model_too(shop):
    version = await shop.trained()
    told = (await shop.staff.get(MODEL)).json
    assert (told["version"], told["metrics"]) == (version, {})
    assert (await shop.guest().sees())["items"] == []


async def test_the_model_before_is_gone_back_to_and_old_ones_are_pruned(shop):
    await baskets(shop)
    trained = [await shop.trained() for _ in range(5)]
    assert await versions() == [
        (trained[0], "pruned"), (trained[1], "pruned"), (trained[2], "kept"), (trained[3], "kept"),
        (trained[4], "active"),
    ]  # fmt: skip
    stored = await db.fetch_all("SELECT DISTINCT version FROM personalization_neighbour ORDER BY version")
    assert [row["version"] for row in stored] == trained[2:]
    for expected in (trained[3], trained[2]):
        assert (await shop.staff.post("/api/admin/recommendations/rollback")).json == {"version": expected}
        assert (await shop.guest().sees())["model_version"] == expected
    refused = await shop.staff.post("/api/admin/recommendations/rollback")
    assert (refused.status, refused.code) == (409, "no_earlier_model")
    assert (await shop.staff.get(MODEL)).json["version"] == trained[2]
    assert [entry["version"] for entry in (await shop.staff.get(MODEL)).json["history"]] == trained[::-1]


async def test_models_come_in_pages_newest_first(shop):
    trained = [await shop.trained() for _ in range(3)]
    first = (await shop.staff.get("/api/admin/recommendations/models?limit=2")).json
    assert [entry["version"] for entry in first["items"]] == trained[:0:-1]
    path = f"/api/admin/recommendations/models?limit=2&cursor={first['next_cursor']}"
    last = (await shop.staff.get(path)).json
    assert ([entry["version"] for entry in last["items"]], last["next_cursor"]) == ([trained[0]], None)
    for cursor in ("x", "WyJhIl0", "WzFlOTld", "W3RydWVd"):
        assert (await shop.staff.get(f"/api/admin/recommendations/models?cursor={cursor}")).code == "bad_request"


async def test_rollbacks_and_trainings_at_once_leave_one_model_in_service(shop):
    await baskets(shop)
    for _ in range(3):
        await shop.trained()
    await asyncio.gather(*(shop.staff.post("/api/admin/recommendations/rollback") for _ in range(4)), shop.trained())
    assert [state for _, state in await versions()].count("active") == 1


async def test_a_training_that_was_given_up_writes_nothing(shop):
    from feria_personalization.training.run import Superseded, train

    await baskets(shop)
    before = await shop.trained()
    training_id = await training.ask_here()
    await training.fail(training_id, "given up", again=False)
    with pytest.raises(Superseded):
        await train(training_id, lambda _stage, _share: None)
    assert await versions() == [(before, "active")]
    assert await db.fetch_value("SELECT count(DISTINCT version) FROM personalization_neighbour") == 1


@pytest.mark.parametrize("stage", ["starting", "reading", "learning", "writing"])
async def test_killed_at_any_moment_a_training_leaves_the_model_before_it_in_service(shop, stage):
    table, chair, _ = await baskets(shop)
    before = await shop.trained()
    training_id = await training.ask_here()
    running = asyncio.create_task(training.run(training_id))
    await killed_at(stage, str(training_id), running)
    with pytest.raises(RuntimeError, match="ended with code -9"):
        await running
    assert await versions() == [(before, "active")]
    assert (await shop.guest().ids(f"for=product&product={table}"))[0] == chair
    await training.fail(training_id, "killed", again=False)
    assert await shop.trained() > before


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_killed_at_moments_drawn_by_lot_the_model_before_stays_whole_and_in_service(shop):
    lot = random.Random(7)
    products = await shop.products(
        *(f"{word} {n}" for n in range(15) for word in ("Oak table", "Chair", "Lamp", "Pan"))
    )
    await shop.sales([lot.sample(products, lot.randint(2, 8)) for _ in range(3000)])
    began = time.monotonic()
    in_service = await training.run(await training.ask_here())
    took = time.monotonic() - began
    for _ in range(KILLS):
        training_id = await training.ask_here()
        running = asyncio.create_task(training.run(training_id))
        await asyncio.wait([running], timeout=lot.uniform(0, took))
        for child in children_that_train(str(training_id)):
            child.kill()
        (outcome,) = await asyncio.gather(running, return_exceptions=True)
        if isinstance(outcome, RuntimeError):
            await training.fail(training_id, "killed", again=False)
        else:
            assert outcome > in_service
            in_service = outcome
        assert [version for version, state in await versions() if state == "active"] == [in_service]
        assert (await shop.guest().sees(f"for=product&product={products[0]}"))["model_version"] == in_service
        assert await checks.recommendation_model() == []


async def test_staff_see_how_far_a_training_is(shop):
    await baskets(shop)
    training_id = await training.ask_here()
    running = asyncio.create_task(training.run(training_id))
    seen = []
    for stage in ("reading", "writing"):
        async with held_at(stage, str(training_id), running):
            told = (await shop.staff.get(MODEL)).json["training"]
            assert (told["id"], told["state"]) == (str(training_id), "running")
            seen.append(told["progress"])
    await running
    told = (await shop.staff.get(MODEL)).json["training"]
    assert (told["state"], told["progress"]) == ("done", 1.0)
    assert 0 <= seen[0] < seen[1] < 1


async def test_a_worker_that_is_to_end_ends_its_training_and_another_begins_anew(shop):
    table, chair, _ = await baskets(shop)
    before = await shop.trained()
    await run_jobs()
    asked = (await shop.staff.post("/api/admin/recommendations/train")).json["job_id"]
    (leased,) = await lease_due(["training"])
    stopping = asyncio.Event()
    running = asyncio.create_task(run_job(current(), leased.job_id, leased.number, stopping))
    async with held_at("learning", asked, running):
        stopping.set()
        assert await running == "dropped"
    assert children_that_train(asked) == []
    told = (await shop.staff.get(MODEL)).json
    assert (told["version"], told["training"]["state"], told["training"]["error"]) == (before, "waiting", None)
    assert (await shop.guest().ids(f"for=product&product={table}"))[0] == chair
    assert await db.fetch_value("SELECT attempt FROM core_job WHERE id = $1", leased.job_id) == 0
    assert await run_jobs() == ["done"]
    told = (await shop.staff.get(MODEL)).json
    assert (told["training"]["id"], told["training"]["state"], told["version"] > before) == (asked, "done", True)


async def killed_at(stage, training_id, running):
    """Hold the process at a stage, and kill it."""
    async with held_at(stage, training_id, running):
        (child,) = children_that_train(training_id)
        child.kill()


@asynccontextmanager
async def held_at(stage, training_id, running):
    """Hold the process at a stage by a lock that it needs there, until the block ends."""
    while not await db.fetch_value(
        "SELECT EXISTS (SELECT FROM personalization_training WHERE id = $1 AND state = 'running')", training_id
    ):
        await asyncio.sleep(0.02)
    table = {
        "starting": "personalization_training", "reading": "personalization_sale",
        "learning": "catalog_product_document", "writing": "personalization_model",
    }[stage]  # fmt: skip
    async with db.transaction():
        # Where the process only writes, staff may still read.
        mode = "ACCESS EXCLUSIVE" if stage in {"reading", "learning"} else "SHARE"
        await db.execute(f"LOCK TABLE {table} IN {mode} MODE")
        while not running.done():
            blocked = await db.fetch_value(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::text::regclass", table
            )
            if blocked:
                break
            await asyncio.sleep(0.02)
        yield


def children_that_train(training_id):
    """Return the processes that this one has started for the training."""
    return [one for one in psutil.Process().children() if training_id in one.cmdline()]


async def test_a_failed_attempt_waits_for_the_next_and_the_last_one_is_told(shop, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    asked = (await shop.staff.post("/api/admin/recommendations/train")).json["job_id"]
    assert await run_jobs(rounds=1) == ["retried"]
    told = (await shop.staff.get(MODEL)).json["training"]
    assert (told["id"], told["state"]) == (asked, "waiting")
    for _ in range(2):
        await db.execute("UPDATE core_job SET run_at = now() WHERE name = 'personalization.train'")
        outcome = await run_jobs(rounds=1)
    assert outcome == ["dead"]
    told = (await shop.staff.get(MODEL)).json["training"]
    assert (told["state"], told["error"]) == ("failed", "the training process ended with code 1 and no model")


async def test_a_training_that_fell_silent_gives_way_to_the_next(shop, clock):
    first = await training.ask_here()
    await training.trainings.tell(first, stage="reading", progress=0.1, now=clock.at)
    clock.move(minutes=9)
    assert await training.ask_here() == first
    clock.move(minutes=2)
    assert await training.ask_here() != first


async def test_the_training_of_the_day_is_queued_once(shop):
    async with db.transaction():
        await enqueue("personalization.train_regularly")
        await enqueue("personalization.train_regularly")
    outcomes = await run_jobs()
    assert outcomes == ["done"] * 3
    assert len(await versions()) == 1


async def test_months_are_made_ahead_and_dropped_when_over(shop, clock):
    from datetime import UTC, datetime

    from feria_personalization.service import keeping

    product, visitor = await shop.product(), shop.guest()
    await visitor.agrees()
    clock.at = datetime(2031, 5, 20, tzinfo=UTC)
    await visitor.views(product)
    assert await db.fetch_value("SELECT count(*) FROM personalization_activity_rest") == 1
    assert await checks.activity_months() != []
    try:
        assert await keeping.make_months() == 6
        assert await keeping.make_months() == 0
        assert await db.fetch_value("SELECT count(*) FROM personalization_activity_rest") == 0
        assert await db.fetch_value("SELECT count(*) FROM personalization_activity_203105") == 1
        assert await checks.activity_months() == []
        assert len(await visitor.history()) == 1
        clock.at = datetime(2032, 7, 1, tzinfo=UTC)
        await keeping.forget_old()
        assert await db.fetch_value("SELECT to_regclass('personalization_activity_203105')") is None
        assert await visitor.history() == []
    finally:
        for parent in ("activity", "exposure"):
            for month in ("203105", "203106", "203107"):
                await db.execute(f"DROP TABLE IF EXISTS personalization_{parent}_{month}")
        clock.at = datetime.now(UTC)
        await keeping.make_months()


async def test_what_is_past_its_time_is_forgotten_and_the_rest_stays(shop, clock):
    product, visitor, silent = await shop.product(), shop.guest(), shop.guest()
    await visitor.agrees()
    await silent.agrees()
    await visitor.views(product)
    await shop.sold(product)
    clock.move(days=430)
    await visitor.views(product)
    async with db.transaction():
        await enqueue("personalization.keep_house")
    await run_jobs()
    assert len(await visitor.history()) == 1
    assert await db.fetch_value("SELECT count(*) FROM personalization_sale") == 1
    assert await db.fetch_value("SELECT count(*) FROM personalization_person") == 1
    clock.move(days=700)
    async with db.transaction():
        await enqueue("personalization.keep_house")
    await run_jobs()
    assert await db.fetch_value("SELECT count(*) FROM personalization_sale") == 0


async def test_staff_are_mailed_once_of_a_model_that_has_become_too_old(shop, clock, mailbox):
    await baskets(shop)
    await shop.trained()

    async def counted():
        async with db.transaction():
            await enqueue("personalization.count_popular")
        await run_jobs()
        return [mail for mail in mailbox.mails() if "recommendations" in mail["subject"]]

    mailbox.clear()
    clock.move(days=14)
    assert await counted() == []
    clock.move(days=1)
    (told,) = await counted()
    assert told["to"] == "shop@localhost.localdomain"
    assert "not been trained for 14 days" in told["subject"]
    assert len(await counted()) == 1
    assert (await shop.guest().sees())["model_version"] is None
    metrics = (await shop.client.get("/metrics")).body.decode()
    assert "feria_recommendation_model_age_seconds 1.296e+06" in metrics  # fifteen days
    later = await shop.trained()
    assert (await shop.guest().sees())["model_version"] == later
    assert len(await counted()) == 1


async def test_twins_of_the_job_tell_staff_of_a_model_once(shop, clock):
    await baskets(shop)
    await shop.trained()
    clock.move(days=15)
    told = await asyncio.gather(*(staleness.tell_staff() for _ in range(5)))
    assert sorted(told) == [False] * 4 + [True]


async def test_the_doctor_finds_what_is_wrong(shop, clock):
    assert await checks.recommendation_model() == []
    table, *_ = await baskets(shop)
    version = await shop.trained()
    assert await checks.recommendation_model() == []
    assert await checks.activity_people() == []
    await db.execute("DELETE FROM personalization_neighbour")
    assert "has lost its tables" in (await checks.recommendation_model())[0]
    clock.move(days=20)
    assert f"the model {version} is too old" in (await checks.recommendation_model())[0]
    visitor = shop.guest()
    await visitor.agrees()
    await visitor.views(table)
    await db.execute("DELETE FROM personalization_person")
    assert "belong to nobody" in (await checks.activity_people())[0]
