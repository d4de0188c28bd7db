"""Pictures as they are served."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from feria_catalog.media import serving
from feria_catalog.media.storage import chosen
from feria_catalog.media.storage.local import LocalStorage
from feria_core.runtime import core_settings

KEY = "abcdef0123456789.png"


@pytest.fixture
def picture(client):
    folder = core_settings().media_dir
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("P", (800, 400), 7).save(folder / KEY)


async def test_a_picture_is_served_for_ever(client, picture):
    reply = await client.get(f"/media/{KEY}")
    assert (reply.status, reply.headers["content-type"]) == (200, "image/png")
    assert "immutable" in reply.headers["cache-control"]
    again = await client.get(f"/media/{KEY}", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(("accept", "kind"), [("image/webp,*/*", "image/webp"), ("*/*", "image/png")])
async def test_a_narrow_picture_is_made_once(client, picture, accept, kind):
    for _ in range(2):
        reply = await client.get(f"/media/{KEY}?w=320", headers={"Accept": accept})
        assert (reply.status, reply.headers["content-type"], reply.headers["vary"]) == (200, kind, "Accept")
        assert Image.open(io.BytesIO(reply.body)).size == (320, 160)


async def test_a_picture_is_never_made_wider(client, picture):
    reply = await client.get(f"/media/{KEY}?w=1280")
    assert Image.open(io.BytesIO(reply.body)).size == (800, 400)


@pytest.mark.parametrize(
    "key", ["..%2F..%2Fetc%2Fpasswd", "ABCDEF012345.png", "abc.png", "abcdef01.svg", "abcdef0123.webp"]
)
async def test_other_names_are_not_found(client, picture, key):
    assert (await client.get(f"/media/{key}")).status == 404
    assert (await client.get(f"/media/{key}?w=320")).status == 404


@pytest.mark.parametrize("width", ["1", "99999", "x", "-160", "%C2%B2"])
async def test_other_widths_are_refused(client, picture, width):
    assert (await client.get(f"/media/{KEY}?w={width}")).status == 422


async def test_a_head_tells_what_a_get_would(client, picture):
    for path in (f"/media/{KEY}", f"/media/{KEY}?w=160"):
        whole = await client.get(path)
        head = await client.call("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        for name in ("content-type", "etag", "cache-control"):
            assert head.headers[name] == whole.headers[name]
    assert (await client.call("HEAD", "/media/0123456789abcdef.png")).status == 404


async def test_nothing_in_a_picture_is_ever_run(client, picture):
    headers = (await client.get(f"/media/{KEY}")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_each_kind_has_an_entity_tag_of_its_own(client, picture):
    tags = {
        (await client.get(f"/media/{KEY}{query}", headers={"Accept": accept})).headers["etag"]
        for query, accept in (("", "*/*"), ("?w=160", "*/*"), ("?w=160", "image/webp"), ("?w=320", "image/webp"))
    }
    assert len(tags) == 4


@pytest.mark.parametrize("accept", ["image/webp;q=0, image/png", "", "image/webpx", "text/html"])
async def test_what_is_not_accepted_is_not_sent(client, picture, accept):
    reply = await client.get(f"/media/{KEY}?w=160", headers={"Accept": accept})
    assert reply.headers["content-type"] == "image/png"


async def test_many_who_ask_for_the_same_width_have_it_made_once(client, picture, monkeypatch):
    written = []
    put = LocalStorage.put

    async def counted(self, key, source, *, content_type):
        written.append(key)
        await put(self, key, source, content_type=content_type)

    monkeypatch.setattr(LocalStorage, "put", counted)
    (core_settings().media_dir / "scaled" / f"{KEY[:16]}-640.png").unlink(missing_ok=True)
    replies = await asyncio.gather(*(client.get(f"/media/{KEY}?w=640", headers={"Accept": "*/*"}) for _ in range(10)))
    assert {reply.status for reply in replies} == {200}
    assert sorted(written) == sorted(f"scaled/{KEY[:16]}-{width}.png" for width in (160, 320, 640, 1280))


async def test_a_cdn_is_sent_to_where_there_is_one(client, picture, monkeypatch):
    with_cdn = serving.settings(serving.CatalogSettings).model_copy(
        update={"media_public_url": "https://cdn.example/m/"}
    )
    monkeypatch.setattr(serving, "settings", lambda _model: with_cdn)
    reply = await client.get(f"/media/{KEY}?w=320", headers={"Accept": "image/webp"})
    assert (reply.status, reply.headers["location"]) == (302, f"https://cdn.example/m/scaled/{KEY[:16]}-320.webp")
    assert (await client.get(f"/media/{KEY}")).headers["location"] == f"https://cdn.example/m/{KEY}"
    assert (await client.get("/media/0123456789abcdef.png")).status == 404


async def test_a_storage_that_is_away_is_a_503(client, monkeypatch):
    from feria_catalog.media.storage.s3 import S3Storage

    away = S3Storage(
        "pictures", endpoint="http://127.0.0.1:1", region="us-east-1", access_key_id="a", secret_access_key="b",
        timeout_s=1.0,
    )  # fmt: skip
    monkeypatch.setattr(chosen, "_made", lambda *_: away)
    for path in (f"/media/{KEY}", f"/media/{KEY}?w=320"):
        reply = await client.get(path)
        assert (reply.status, reply.code) == (503, "storage_unavailable")
