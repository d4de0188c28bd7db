"""A newcomer's shop recommends from the first minute, learns in a process of its own, and goes back by one command."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from servers import wait_for
from shop import Http, RunningShop, running_shop

pytestmark = pytest.mark.journey

MODEL = "/api/admin/recommendations/model"


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

        everyone = psutil.Process(shop.process.pid).children(recursive=True)
        assert [(one.cmdline(), learned_libraries(one)) for one in everyone if learned_libraries(one)] == []
