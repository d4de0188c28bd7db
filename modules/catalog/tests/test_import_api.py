"""Uploads by staff: taken, done by a worker, watched."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from uuid import UUID

import pytest

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.importing import limits, progress, repository, service
from feria_catalog.importing.batches import Batch, Placed
from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.ids import new_id
from feria_core.jobs import Superseded
from feria_core.money import Money
from feria_core.runtime import registry
from feria_core.testing.client import ApiClient, Reply
from feria_core.testing.work import run_jobs

PATH = "/api/admin/products/import"
CSV = {"Content-Type": "text/csv"}
STAFF = UUID(int=7)


class TestStaff:
    """Accepts `import-test-<permission>`."""

    __test__ = False

    def accepts(self, credential: str) -> bool:
        return credential.startswith("import-test-")

    async def authenticate(self, credential: str) -> Principal:
        return Principal("staff", STAFF, frozenset({credential.removeprefix("import-test-")}))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "folder", lambda: tmp_path / "imports")


@pytest.fixture
def staff(client: ApiClient) -> ApiClient:
    if not any(isinstance(known, TestStaff) for known in registry().all(AUTHENTICATORS)):
        registry().contribute(AUTHENTICATORS, TestStaff(), module="catalog-import-tests")
    return client.signed_in("import-test-catalog.write")


def table(count: int, *extra: str) -> bytes:
    rows = [f"Mug {n},M-{n},1.50" for n in range(count)]
    return "\n".join(["name,sku,price", *rows, *extra, ""]).encode()


def uploads() -> list[Path]:
    return sorted(service.folder().glob("*")) if service.folder().exists() else []


def form(part: bytes) -> bytes:
    return b"--xx\r\nContent-Disposition: form-data; " + part + b"\r\n--xx--\r\n"


async def upload(client: ApiClient, data: bytes, headers: dict[str, str] | None = None) -> Reply:
    return await client.call("POST", PATH, data=data, headers=headers or CSV)


async def test_an_upload_is_imported_by_a_worker_and_can_be_watched(staff: ApiClient) -> None:
    answer = await upload(staff, table(30, "Bad,B,-1", "=cmd(),=HYPERLINK(1),x"))
    assert answer.status == 202
    job_id = answer.json["job_id"]
    waiting = (await staff.get(f"/api/admin/imports/{job_id}")).json
    assert (waiting["state"], waiting["progress"]) == ("queued", 0.0)

    assert "done" in await run_jobs()
    done = (await staff.get(f"/api/admin/imports/{job_id}")).json
    assert (done["state"], done["progress"], done["format"]) == ("done", 1.0, "csv")
    assert done["counts"] == {"rows": 32, "created": 30, "updated": 0, "unchanged": 0, "errors": 2}
    assert uploads() == []
    audited = await db.fetch_one("SELECT action, actor_id FROM core_audit WHERE object_id = $1", job_id)
    assert audited is not None
    assert (audited["action"], audited["actor_id"]) == ("catalog.import", str(STAFF))


async def test_imports_are_listed_the_newest_first(staff: ApiClient) -> None:
    ids = [(await upload(staff, table(1))).json["job_id"] for _ in range(3)]
    await run_jobs()
    first = (await staff.get("/api/admin/imports?limit=2")).json
    rest = (await staff.get(f"/api/admin/imports?limit=2&cursor={first['next_cursor']}")).json
    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids[::-1]
    assert (rest["next_cursor"], first["items"][0]["state"], first["items"][0]["changes"]) == (None, "done", None)
    assert (await staff.get("/api/admin/imports?cursor=x")).status == 400


async def test_errors_are_csv_in_which_no_cell_is_a_formula(staff: ApiClient) -> None:
    answer = await upload(staff, table(1, "Bad,B,-1"))
    await run_jobs()
    job_id = answer.json["job_id"]
    await db.execute(
        "INSERT INTO catalog_import_error (id, import_id, line, code, message) VALUES ($1, $2, 9, '@x', '=1+1')",
        new_id(), UUID(job_id),
    )  # fmt: skip
    errors = await staff.get(f"/api/admin/imports/{job_id}/errors.csv")
    assert errors.headers["content-type"] == "text/csv; charset=utf-8"
    assert errors.body.decode().splitlines() == [
        "line,code,message,column,row",
        """3,negative_price,price is '-1': a price is 0 or more.,price,"Bad,B,-1\"""",
        "9,'@x,'=1+1,,",
    ]  # fmt: skip


async def test_json_lines_compressed_and_forms_are_taken(staff: ApiClient) -> None:
    line = b'{"name": "Jug", "variants": [{"sku": "JUG", "price": {"amount": 900, "currency": "USD"}}]}\n'
    filled = (
        b'--xx\r\nContent-Disposition: form-data; name="note"\r\n\r\nspring\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\nContent-Type: text/csv\r\n\r\n'
        + table(2) + b"\r\n--xx--\r\n"
    )  # fmt: skip
    for data, content_type in (
        (line, "application/x-ndjson"),
        (gzip.compress(line), "application/gzip"),
        (filled, "multipart/form-data; boundary=xx"),
    ):
        assert (await upload(staff, data, {"Content-Type": content_type})).status == 202
    await run_jobs()
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == 3
    assert await db.fetch_value("SELECT count(*) FROM catalog_import WHERE state = 'done'") == 3


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"", "text/csv", 422, "not_a_product_file"),
        (b"hello", "text/csv", 422, "not_a_product_file"),
        (b"PK\x03\x04", "application/octet-stream", 422, "not_a_product_file"),
        (gzip.compress(table(500))[:30], "application/gzip", 422, "not_a_product_file"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"x", "multipart/form-data", 400, "bad_request"),
        (b"--xx--\r\n", "multipart/form-data; boundary=xx", 400, "bad_request"),
        (b"no boundary here", "multipart/form-data; boundary=xx", 400, "bad_request"),
        (form(b'name="a"\r\n\r\nb'), "multipart/form-data; boundary=xx", 400, "bad_request"),
    ],
    ids=["empty", "sentence", "workbook", "cut off", "json", "no boundary", "no parts", "no form", "no file"],
)  # fmt: skip
async def test_what_is_no_file_of_products_is_refused_and_not_kept(
    staff: ApiClient, data: bytes, content_type: str, status: int, code: str
) -> None:
    answer = await upload(staff, data, {"Content-Type": content_type})
    assert (answer.status, answer.code) == (status, code)
    assert uploads() == []
    assert await db.fetch_value("SELECT count(*) FROM catalog_import") == 0


async def test_a_file_over_the_bound_is_refused(staff: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from feria_catalog.importing import upload as upload_module

    monkeypatch.setattr(upload_module, "UPLOAD_BYTES", 1000)
    answer = await upload(staff, table(500))
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert uploads() == []


async def test_only_staff_who_may_write_the_catalog_may_import(client: ApiClient, staff: ApiClient) -> None:
    other = client.signed_in("import-test-orders.read")
    assert (await upload(client, table(1))).status == 401
    assert (await upload(other, table(1))).status == 403
    some = new_id()
    for path in (f"/api/admin/imports/{some}", f"/api/admin/imports/{some}/errors.csv"):
        assert (await client.get(path)).status == 401
        assert (await other.get(path)).status == 403
        assert (await staff.get(path)).status == 404
    assert (await staff.get("/api/admin/imports/nonsense")).status == 404


async def test_a_killed_worker_leaves_whole_batches_and_the_next_goes_on(
    staff: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 10)
    job_id = UUID((await upload(staff, table(35))).json["job_id"])
    real, calls = progress.write, []

    async def dying(products: object) -> object:
        calls.append(1)
        result = await real(products)  # type: ignore[arg-type]
        if len(calls) == 3:
            raise ConnectionResetError
        return result

    monkeypatch.setattr(progress, "write", dying)
    assert "retried" in await run_jobs()
    half = (await staff.get(f"/api/admin/imports/{job_id}")).json
    assert (half["state"], half["counts"]["rows"], half["counts"]["created"]) == ("running", 20, 20)
    assert 0 < half["progress"] < 1 or half["bytes_done"] == half["bytes_total"]
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == 20

    monkeypatch.setattr(progress, "write", real)
    await db.execute("UPDATE core_job SET run_at = now() - interval '1 minute' WHERE state = 'queued'")
    assert "done" in await run_jobs()
    done = (await staff.get(f"/api/admin/imports/{job_id}")).json
    assert (done["state"], done["counts"]["created"], done["counts"]["unchanged"]) == ("done", 35, 0)


async def test_a_long_file_is_handed_from_job_to_job(staff: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 10)
    monkeypatch.setattr(service, "SLICE_S", 0.0)
    job_id = (await upload(staff, table(35))).json["job_id"]
    outcomes = await run_jobs()
    assert outcomes.count("done") >= 4
    done = (await staff.get(f"/api/admin/imports/{job_id}")).json
    assert (done["state"], done["counts"]["rows"], done["counts"]["created"]) == ("done", 35, 35)


async def test_a_file_that_breaks_off_or_is_gone_fails_with_a_sentence(staff: ApiClient) -> None:
    packed = gzip.compress(table(20_000))
    broken = (await upload(staff, packed[: len(packed) // 2], {"Content-Type": "application/gzip"})).json["job_id"]
    await run_jobs()
    state = (await staff.get(f"/api/admin/imports/{broken}")).json
    assert state["state"] == "failed"
    assert "damaged" in state["failure"]
    assert state["counts"]["created"] > 0

    gone = (await upload(staff, table(3))).json["job_id"]
    for path in uploads():
        path.unlink()
    await run_jobs()
    state = (await staff.get(f"/api/admin/imports/{gone}")).json
    assert (state["state"], "disk" in state["failure"]) == ("failed", True)


async def test_an_import_that_fails_at_every_attempt_says_so_and_leaves_no_file(
    staff: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = (await upload(staff, table(3))).json["job_id"]

    async def broken(products: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(progress, "write", broken)
    await db.execute("UPDATE core_job SET max_attempts = 1")
    assert await run_jobs() == ["dead"]
    state = (await staff.get(f"/api/admin/imports/{job_id}")).json
    assert (state["state"], "ZeroDivisionError" in state["failure"]) == ("failed", True)
    assert uploads() == []


async def test_errors_beyond_the_bound_are_counted_but_not_kept(
    staff: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "KEPT_PROBLEMS", 4)
    monkeypatch.setattr(service, "BATCH", 3)
    job_id = (await upload(staff, table(1, *(f"Bad,B{n},x" for n in range(9))))).json["job_id"]
    await run_jobs()
    assert (await staff.get(f"/api/admin/imports/{job_id}")).json["counts"]["errors"] == 9
    assert await db.fetch_value("SELECT count(*) FROM catalog_import_error") == 4


async def test_two_workers_on_one_import_write_each_batch_once(staff: ApiClient) -> None:
    job_id = UUID((await upload(staff, table(20))).json["job_id"])
    await repository.begin(job_id)
    product = ProductInput("Jug", (VariantInput("JUG", Money(900, "USD"), stock=5),))

    async def attempt() -> None:
        await progress.advance(job_id, 0, Batch([Placed(2, product)], [], rows=1, bytes_done=10))

    outcomes = await asyncio.gather(*(attempt() for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(Superseded) == 4
    row = await service.progress(job_id)
    assert (row["position"], row["created"], row["unchanged"]) == (1, 1, 0)
