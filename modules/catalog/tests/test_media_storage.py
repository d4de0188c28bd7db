"""One contract for every storage: a disk, and a bucket of a real S3 server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from feria_catalog.media.errors import StorageUnavailable
from feria_catalog.media.settings import MediaSettings
from feria_catalog.media.storage.local import PART_FOLDER, LocalStorage
from feria_catalog.media.storage.s3 import S3Storage
from feria_core.errors import StartRefused

# Prints the port that the system chose, then serves until it is ended.
MOTO = """
from moto.server import ThreadedMotoServer
import time
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
time.sleep(600)
"""
KEY = "abcdef0123456789.webp"


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """The address of an S3 server in a process of its own, with the bucket `pictures`."""
    process = subprocess.Popen([sys.executable, "-c", MOTO], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{int(process.stdout.readline())}"
        urllib.request.urlopen(urllib.request.Request(f"{address}/pictures", method="PUT"), timeout=10).close()
        yield address
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def bucket(address, **options):
    wanted = {"access_key_id": "me", "secret_access_key": "secret", "region": "us-east-1", "prefix": "shop/media"}
    return S3Storage("pictures", endpoint=address, **{**wanted, **options})


@pytest.fixture(params=["local", "s3"])
def files(request, tmp_path, s3_server):
    if request.param == "local":
        return LocalStorage(tmp_path / "media")
    return bucket(s3_server, prefix=f"shop/{tmp_path.name.replace('_', '-')}")


@pytest.fixture
def source(tmp_path):
    def write(content, name="source"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


async def test_what_was_put_is_given_back(files, source):
    content = bytes(range(256)) * 4096
    await files.put(KEY, source(content), content_type="image/webp")
    found = await files.get(KEY)
    assert found.size == await files.size(KEY) == len(content)
    assert await found.read() == content


async def test_a_file_is_replaced_as_a_whole(files, source):
    await files.put(KEY, source(b"the first, which is longer"), content_type="image/webp")
    await files.put(KEY, source(b"second"), content_type="image/webp")
    assert await (await files.get(KEY)).read() == b"second"


async def test_what_is_not_there_is_none(files):
    assert await files.get(KEY) is None
    assert await files.size(KEY) is None
    await files.delete(KEY)


async def test_what_was_deleted_is_gone(files, source):
    await files.put(KEY, source(b"x"), content_type="image/webp")
    await files.delete(KEY)
    assert await files.get(KEY) is None


async def test_keys_are_listed_below_a_folder(files, source):
    for key in (KEY, "scaled/abcdef01-160.webp", "scaled/abcdef01-320.avif"):
        await files.put(key, source(b"x"), content_type="image/webp")
    assert sorted([key async for key in files.keys()]) == sorted(  # noqa: SIM118 - no mapping
        [KEY, "scaled/abcdef01-160.webp", "scaled/abcdef01-320.avif"]
    )
    below = [key async for key in files.keys("scaled")]
    assert sorted(below) == ["scaled/abcdef01-160.webp", "scaled/abcdef01-320.avif"]


@pytest.mark.parametrize(
    "key", ["", "..", "../x", "a/../b", "/etc/passwd", "a//b", ".parts/x", "a\0b", "A.webp", "a b", "a" * 201, "%2e%2e"]
)
async def test_what_is_no_key_is_refused(files, source, key):
    for call in (
        files.put(key, source(b"x"), content_type="image/webp"),
        files.get(key),
        files.size(key),
        files.delete(key),
    ):
        with pytest.raises(ValueError, match="no key"):
            await call


async def test_twins_write_the_same_file(files, source):
    content = b"z" * 500_000
    twins = (files.put(KEY, source(content, f"s{n}"), content_type="image/webp") for n in range(8))
    await asyncio.gather(*twins)
    assert await (await files.get(KEY)).read() == content


async def test_a_bucket_knows_types_and_ages(s3_server, source):
    files = bucket(s3_server)
    await files.put(KEY, source(b"x"), content_type="image/webp")
    attributes = (await files._store.get_async(KEY)).attributes
    assert (attributes["Content-Type"], "immutable" in attributes["Cache-Control"]) == ("image/webp", True)


async def test_a_server_that_is_away_is_an_error_with_a_code(source):
    away = bucket("http://127.0.0.1:1", timeout_s=2.0)
    for call in (
        away.put(KEY, source(b"x"), content_type="image/webp"),
        away.get(KEY),
        away.size(KEY),
        away.delete(KEY),
    ):
        with pytest.raises(StorageUnavailable):
            await call


async def test_a_bucket_that_is_not_there_is_an_error(s3_server, source):
    other = S3Storage("nothing-here", endpoint=s3_server, access_key_id="a", secret_access_key="b", region="us-east-1")
    with pytest.raises(StorageUnavailable):
        await other.put(KEY, source(b"x"), content_type="image/webp")


async def test_a_full_disk_leaves_neither_file_nor_part(tmp_path, source, monkeypatch):
    files = LocalStorage(tmp_path / "media")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageUnavailable, match="No space"):
        await files.put(KEY, source(b"x"), content_type="image/webp")
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


async def test_abandoned_parts_are_tidied_away(tmp_path):
    import os

    parts = tmp_path / PART_FOLDER
    parts.mkdir()
    for name, age in (("old", 90_000), ("young", 60)):
        (parts / name).write_bytes(b"x")
        changed = parts.joinpath(name).stat().st_mtime - age
        os.utime(parts / name, (changed, changed))
    files = LocalStorage(tmp_path)
    assert [key async for key in files.keys()] == []  # noqa: SIM118
    await files.tidy()
    assert [path.name for path in parts.iterdir()] == ["young"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "media_s3_bucket"),
        ({"media_s3_bucket": "pictures"}, "FERIA_CATALOG__MEDIA_S3_ACCESS_KEY_ID"),
        (
            {"media_s3_bucket": "pictures", "media_s3_access_key_id": SecretStr("a")},
            "FERIA_CATALOG__MEDIA_S3_SECRET_ACCESS_KEY",
        ),
        (
            {
                "media_s3_bucket": "pictures", "media_s3_access_key_id": SecretStr("a"),
                "media_s3_secret_access_key": SecretStr(""),
            },
            "FERIA_CATALOG__MEDIA_S3_SECRET_ACCESS_KEY",
        ),
    ],
)  # fmt: skip
def test_a_bucket_without_its_secrets_refuses_the_start(given, missing):
    with pytest.raises(StartRefused, match=missing):
        MediaSettings(media_storage="s3", **given).check_media()
    MediaSettings(**given).check_media()


def test_the_process_refuses_to_start(tmp_path):
    plugins = tmp_path / "plugins.toml"
    plugins.write_text("[modules.catalog]\n[modules.catalog.settings]\nmedia_storage = 's3'\nmedia_s3_bucket = 'p12'\n")
    command = "from pathlib import Path; from feria_core.config import load_config\n"
    command += "from feria_core.runtime import load_runtime\nimport json, sys\n"
    command += "from feria_core.errors import StartRefused\n"
    command += f"try: load_runtime(load_config(Path({str(plugins)!r}), environment={{}}))\n"
    command += "except StartRefused as refusal: print(json.dumps(str(refusal)))\n"
    told = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True, timeout=60).stdout
    assert "FERIA_CATALOG__MEDIA_S3_ACCESS_KEY_ID" in json.loads(told)


async def test_a_shop_with_a_bucket(s3_server, make_product, upload, staff, client, monkeypatch):
    import io

    from PIL import Image

    from feria_catalog.media import store
    from feria_catalog.media.storage import chosen
    from feria_core import db

    files = bucket(s3_server, prefix="whole-shop")
    monkeypatch.setattr(chosen, "_made", lambda *_: files)
    drawn = io.BytesIO()
    Image.new("RGB", (400, 200), (9, 99, 199)).save(drawn, "JPEG")
    product = await make_product()
    media = (await upload(product["id"], drawn.getvalue())).json
    assert len([key async for key in files.keys()]) == 9  # noqa: SIM118
    shown = await client.get(f"{media['url']}?w=160", headers={"Accept": "image/avif"})
    assert (shown.status, shown.headers["content-type"]) == (200, "image/avif")
    assert (await client.call("HEAD", media["url"])).status == 200
    await files.delete(f"scaled/{media['key'][:32]}-320.webp")
    assert (await client.get(f"{media['url']}?w=320", headers={"Accept": "image/webp"})).status == 200
    await staff.delete(f"/api/admin/products/{product['id']}/media/{media['id']}")
    await db.execute("UPDATE catalog_media_file SET touched_at = touched_at - interval '2 days'")
    assert await store.sweep() == 1
    assert [key async for key in files.keys()] == []  # noqa: SIM118


async def test_a_bucket_that_is_away_during_an_upload_leaves_no_row(make_product, upload, staff, monkeypatch):
    import io

    from PIL import Image

    from feria_catalog.media.storage import chosen

    away = bucket("http://127.0.0.1:1", timeout_s=1.0)
    product = await make_product()
    drawn = io.BytesIO()
    Image.new("RGB", (40, 20)).save(drawn, "PNG")
    monkeypatch.setattr(chosen, "_made", lambda *_: away)
    reply = await upload(product["id"], drawn.getvalue())
    assert (reply.status, reply.code) == (503, "storage_unavailable")
    assert (await staff.get(f"/api/admin/products/{product['id']}/media")).json["items"] == []
