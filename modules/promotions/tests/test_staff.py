"""Promotions and codes as staff make and change them."""

from __future__ import annotations

import uuid

import pytest

from feria_core import db
from feria_core.testing.work import run_jobs

PATH = "/api/admin/promotions"


async def test_a_promotion_is_made_read_changed_and_archived_once_it_has_codes(shop, money):
    made = await shop.promotion(value=12.5, max_discount=money(500), conditions={"minimum_total": money(100)})
    assert (made["value"], made["version"], made["needs_code"]) == (12.5, 1, False)
    assert (await shop.staff.get(f"{PATH}/{made['id']}")).json == made
    changed = await shop.staff.patch(f"{PATH}/{made['id']}", {"version": 1, "value": 20, "max_discount": None})
    assert (changed.status, changed.json["value"], changed.json["version"]) == (200, 20, 2)
    assert changed.json["max_discount"] is None
    stale = await shop.staff.patch(f"{PATH}/{made['id']}", {"version": 1, "value": 30})
    assert (stale.status, stale.code) == (409, "stale_version")
    await shop.staff.post(f"{PATH}/{made['id']}/codes", {"code": "WELCOME10"})
    assert (await shop.staff.delete(f"{PATH}/{made['id']}")).status == 204
    assert (await shop.staff.get(f"{PATH}/{made['id']}")).json["archived_at"] is not None
    assert (await shop.staff.get(PATH)).json["items"] == []
    assert len((await shop.staff.get(f"{PATH}?archived=true")).json["items"]) == 1
    actions = await db.fetch_all("SELECT action FROM core_audit ORDER BY id")
    assert [row["action"].rpartition(".")[2] for row in actions] == [
        "created", "changed", "refused", "created", "archived",
    ]  # fmt: skip


async def test_an_unused_promotion_is_deleted(shop):
    made = await shop.promotion()
    await shop.staff.delete(f"{PATH}/{made['id']}")
    assert (await shop.staff.get(f"{PATH}/{made['id']}")).status == 404


async def test_only_staff_with_the_permission_may(shop):
    customer = shop.client.signed_in(f"promotions-test:customer:{uuid.uuid4()}")
    assert (await customer.get(PATH)).status == 403
    assert (await shop.client.get(PATH)).status == 401


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "percent"},
        {"kind": "percent", "value": 0},
        {"kind": "percent", "value": 100.01},
        {"kind": "percent", "value": 12.345},
        {"kind": "percent", "value": {"amount": 100, "currency": "USD"}},
        {"kind": "fixed", "value": 10},
        {"kind": "fixed", "value": {"amount": 100, "currency": "EUR"}},
        {"kind": "percent", "value": 10, "tiers": []},
        {"kind": "tiers", "tiers": [{"quantity": 2}]},
        {"kind": "tiers", "tiers": [{"quantity": 2, "percent": 5}, {"total": {"amount": 1, "currency": "USD"}}]},
        {"kind": "gift", "gift": {"variant_id": "x"}},
        {"kind": "percent", "value": 10, "usage_limit": 10**15},
        {"kind": "percent", "value": 10, "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
        {"kind": "percent", "value": 10, "starts_at": "2026-01-02T00:00:00"},
        {"kind": "percent", "value": 10, "conditions": {"products": ["\u202e"]}},
        {"kind": "nth_order", "value": 10},
        {"kind": "percent", "value": True},
    ],
)
async def test_what_makes_no_sense_is_refused(shop, body):
    reply = await shop.staff.post(PATH, {"name": "Sale", **body})
    assert reply.status == 422, reply.body


async def test_a_code_is_taken_whatever_its_spelling(shop):
    made = await shop.promotion(codes=("WELCOME10",))
    reply = await shop.staff.post(f"{PATH}/{made['id']}/codes", {"code": "we1c-ome 1o"})
    assert (reply.status, reply.code) == (409, "discount_code_taken")
    assert (await shop.staff.post(f"{PATH}/{made['id']}/codes", {"code": "--"})).status == 422
    assert (await shop.staff.post(f"{PATH}/{uuid.uuid4()}/codes", {"code": "X1"})).status == 404
    assert (await shop.staff.post(f"{PATH}/nonsense/codes", {"code": "X1"})).status == 404


async def test_codes_in_bulk_are_made_at_once_or_by_a_job_and_come_out_as_csv(shop):
    made = await shop.promotion()
    path = f"{PATH}/{made['id']}/codes"
    few = await shop.staff.post(path, {"count": 30, "prefix": "VIP", "usage_limit": 1})
    assert (few.status, len(few.json["items"]), few.json["count"]) == (201, 30, 30)
    assert all(item["code"].startswith("VIP-") for item in few.json["items"])
    many = await shop.staff.post(path, {"count": 25_000})
    assert (many.status, many.json["batch"]["made"]) == (202, 0)
    await run_jobs(rounds=50)
    assert (await shop.staff.get(path)).json["batches"][0] | {"id": ""} == {
        "id": "", "wanted": 25_000, "made": 25_000, "prefix": "", "state": "done",
    }  # fmt: skip
    text = (await shop.staff.get(f"{PATH}/{made['id']}/codes.csv")).body.decode()
    lines = text.strip().split("\r\n")
    assert lines[0] == "code,usage_limit,used,ends_at"
    assert len(set(lines)) == 25_031
