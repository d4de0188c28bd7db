"""Pictures as they are served."""

from __future__ import annotations

import io

import pytest
from PIL import Image

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
