"""A newcomer's shop recommends from the first minute, learns in a process of its own, and goes back by one command."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from servers import descendants, feria, wait_for
from shop import Http, RunningShop, running_shop

from feria_core._internal.migrations import connect

pytestmark = pytest.mark.journey

MODEL = "/api/admin/recommendations/model"
QUEUE = """
import os
from pathlib import Path
from feria_core.commands.deployment import Deployment, run_with_runtime
from feria_personalization.service import training

run_with_runtime(Deployment(Path(os.environ["FERIA_PLUGINS"]), Path(".")), lambda: training.ask(by_staff=False))
"""


def signed_in(shop: RunningShop, email: str, password: str) -> Http:
    answer = shop.http.post("/api/auth/login", {"email": email, "password": password})
    assert answer.status == 200, answer.json
    return Http(shop.http.base, {"Authorization": f"Bearer {answer.json['access_token']}"})


def reasons(shop: Http, query: str) -> dict[str, str]:
    answer = shop.get(f"/api/recommendations?{query}")
    assert answer.status == 200, answer.json
    return {item["product"]["slug"]: item["reason"]["code"] for item in answer.json["items"]}


def learned_libraries(process: psutil.Process) -> list[str]:
    return [one.path for one in process.memory_maps() if "/sklearn/" in one.path or "/scipy/" in one.path]


def test_recommendations_from_the_first_visit_to_the_second_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERIA_PERSONALIZATION__HELD_OUT_PERCENT", "0")  # else one guest of twenty sees what is popular
    # Beside the other tests it would be held nearly all the time.
    monkeypatch.setenv("FERIA_PERSONALIZATION__TRAINING_GIVES_WAY", "false")
    with running_shop(tmp_path / "data", tmp_path / "log") as shop:
        assert reasons(shop.http, "for=home")
        staff = signed_in(shop, "owner@feria.test", "demo owner of feria")
        wait_for(lambda: staff.get(MODEL).json["version"] is not None, within_s=120, what="the first model is trained")
        first = staff.get(MODEL).json["version"]
        together = reasons(shop.http, "for=product&product=alder-dining-table")
        assert "bought_together" in together.values()

        token = shop.http.get("/api/cart").headers["cart-token"]
        guest = Http(shop.http.base, {"Cart-Token": token})
        kettle = shop.http.get("/api/products/morning-kettle").json["id"]
        view = {"events": [{"kind": "view", "product_id": kettle}]}
        assert guest.post("/api/activity", view).json == {"recorded": 0}
        assert guest.call("PUT", "/api/personalization/consent", {"granted": True}).status == 200
        assert guest.post("/api/activity", view).json == {"recorded": 1}
        assert "similar" in reasons(guest, "for=home").values()
        tokens = {"email": "customer@feria.test", "password": "demo customer of feria"}
        signed = shop.http.post("/api/auth/login", tokens, **{"Cart-Token": token}).json["access_token"]
        customer = Http(shop.http.base, {"Authorization": f"Bearer {signed}"})
        assert [item["product_id"] for item in customer.get("/api/personalization/history").json["items"]] == [kettle]

        trained = shop.feria("recommend", "train")
        assert trained.returncode == 0, trained.stderr
        assert "is in service, trained in" in trained.stdout
        second = staff.get(MODEL).json["version"]
        assert second > first
        back = shop.feria("recommend", "rollback")
        assert (back.returncode, back.stdout) == (0, f"model {first} is in service\n")
        assert shop.http.get("/api/recommendations").json["model_version"] == first
        refused = shop.feria("recommend", "rollback")
        assert refused.returncode == 1
        assert "No earlier model is kept" in refused.stderr

        everyone = psutil.Process().children(recursive=True)
        assert [(one.cmdline(), learned_libraries(one)) for one in everyone if learned_libraries(one)] == []


async def test_a_worker_that_is_stopped_gives_its_training_back_instead_of_waiting_for_it(
    tmp_path: Path, server_urls: tuple[str, str], own_database_url: str, plugins_file: Path
) -> None:
    environment = {
        "DATABASE_URL": own_database_url, "REDIS_URL": server_urls[1], "FERIA_PLUGINS": str(plugins_file),
        "FERIA_CORE__LOG_LEVEL": "error", "FERIA_PERSONALIZATION__TRAINING_GIVES_WAY": "false",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", QUEUE], env={**os.environ, **environment}, check=True)
    holder, connection = await connect(own_database_url), await connect(own_database_url)
    async with holder.transaction():
        await holder.execute("LOCK TABLE personalization_sale IN ACCESS EXCLUSIVE MODE")
        with feria("worker", "--queues", "training", environment=environment, log=tmp_path / "log") as worker:
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'personalization_sale'::regclass"
            async with asyncio.timeout(120):
                while not await connection.fetchval(waits):
                    await asyncio.sleep(0.05)
            (trains,) = descendants(worker, "feria_personalization.training")
            worker.terminate()
            worker.wait(40)
        assert not trains.is_running()
    job = await connection.fetchrow("SELECT state, attempt, started_at FROM core_job WHERE queue = 'training'")
    assert tuple(job) == ("queued", 0, None)
    assert await connection.fetchval("SELECT state FROM personalization_training") == "waiting"
    await holder.close()
    await connection.close()
