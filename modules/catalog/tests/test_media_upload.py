"""Pictures of products: uploaded, shown, moved, taken away."""

from __future__ import annotations

import asyncio
import io
import zlib
from struct import pack

import pytest
from PIL import Image

from feria_catalog.media import store
from feria_catalog.media.errors import StorageUnavailable
from feria_catalog.media.storage.chosen import storage
from feria_core import db
from feria_core.runtime import core_settings

GPS = 0x8825


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def drawn(size=(800, 400), shade=7, mode="RGB"):
    return Image.linear_gradient("L").resize(size).point(lambda v: (v + shade) % 256).convert(mode)


PNG = encoded(drawn())
JPEG = encoded(drawn(), "JPEG")
GIF = encoded(drawn(), "GIF")


def huge_png(width, height):
    """A PNG of zeros, one bit a pixel, of as many bytes as it takes."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()

    def part(name, content):
        return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

    header = pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", body) + part(b"IEND", b"")


def huge_webp(width, height):
    """The head of an extended WebP that claims such a canvas."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + pack("<I", 10) + b"\0\0\0\0" + canvas + encoded(drawn(), "WEBP")[12:]
    return b"RIFF" + pack("<I", len(body)) + body


def stored_files():
    folder = core_settings().media_dir
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.is_file())


@pytest.fixture
def no_files(client):
    import shutil

    shutil.rmtree(core_settings().media_dir, ignore_errors=True)


async def test_an_upload_is_shown_at_once(make_product, upload, client, no_files):
    product = await make_product()
    reply = await upload(product["id"], JPEG, alt=" An oak table ", focal_x="0.25", focal_y="0.5")
    assert reply.status == 201, reply.json
    media = reply.json
    assert (media["width"], media["height"], media["alt"], media["position"]) == (800, 400, "An oak table", 0)
    assert media["focal_point"] == {"x": 0.25, "y": 0.5}
    assert [v["width"] for v in media["variants"]] == [160, 320, 640]
    assert media["version"] == product["version"] + 1
    page = (await client.get(f"/api/products/{product['slug']}")).json
    assert page["image"]["url"] == media["url"] == f"/media/{media['key']}"
    assert page["media"][0]["focal_point"] == {"x": 0.25, "y": 0.5}
    shown = await client.get(media["url"])
    assert (shown.status, shown.headers["content-type"]) == (200, "image/webp")
    assert len(shown.body) == media["bytes"]
    for width in (160, 320, 640, 1280):
        narrow = await client.get(f"{media['url']}?w={width}", headers={"Accept": "image/webp"})
        assert Image.open(io.BytesIO(narrow.body)).width == min(width, 800)
    small = await client.get(media["variants"][0]["url"], headers={"Accept": "image/avif,image/webp,*/*"})
    assert small.headers["content-type"] == "image/avif"
    assert Image.open(io.BytesIO(small.body)).size == (160, 80)
    assert len(stored_files()) == 9


async def test_every_change_is_audited_and_announced(make_product, upload, staff):
    product = await make_product()
    media = (await upload(product["id"], PNG)).json
    path = f"/api/admin/products/{product['id']}/media/{media['id']}"
    edited = await staff.patch(path, {"alt": "Oak", "focal_point": {"x": 1.0, "y": 0.125}})
    assert (edited.json["alt"], edited.json["focal_point"]) == ("Oak", {"x": 1.0, "y": 0.125})
    assert (await staff.delete(path)).status == 204
    rows = await db.fetch_all("SELECT action FROM core_audit WHERE action LIKE 'catalog.media.%' ORDER BY id")
    assert [row["action"] for row in rows] == [f"catalog.media.{did}" for did in ("added", "edited", "removed")]
    assert (await staff.get(f"/api/admin/products/{product['id']}")).json["version"] == product["version"] + 3
    assert (await staff.get(f"/api/admin/products/{product['id']}/media")).json["items"] == []


async def test_pictures_are_put_into_order(make_product, upload, staff, client):
    product = await make_product()
    first, second = [(await upload(product["id"], encoded(drawn(shade=n)))).json for n in (10, 60)]
    third = (await upload(product["id"], encoded(drawn(shade=110)), position=0)).json
    path = f"/api/admin/products/{product['id']}/media"

    async def order():
        return [item["id"] for item in (await staff.get(path)).json["items"]]

    assert await order() == [third["id"], first["id"], second["id"]]
    await staff.patch(f"{path}/{second['id']}", {"position": 0})
    assert await order() == [second["id"], third["id"], first["id"]]
    assert (await client.get(f"/api/products/{product['slug']}")).json["image"]["url"] == second["url"]
    await staff.delete(f"{path}/{second['id']}")
    items = (await staff.get(path)).json["items"]
    assert [(item["id"], item["position"]) for item in items] == [(third["id"], 0), (first["id"], 1)]


async def test_an_edit_of_an_older_version_is_refused(make_product, upload, staff):
    product = await make_product()
    media = (await upload(product["id"], PNG)).json
    path = f"/api/admin/products/{product['id']}/media/{media['id']}"
    assert (await staff.patch(path, {"alt": "x", "version": product["version"]})).code == "stale_version"
    assert (await staff.patch(path, {"alt": "x", "version": media["version"]})).status == 200


async def test_pictures_of_another_product_are_not_found(make_product, upload, staff):
    product, other = await make_product("One"), await make_product("Two")
    media = (await upload(product["id"], PNG)).json
    for path in (
        f"{other['id']}/media/{media['id']}",
        f"{product['id']}/media/nonsense",
        f"nothing/media/{media['id']}",
    ):
        assert (await staff.patch(f"/api/admin/products/{path}", {"alt": "x"})).code == "not_found"
        assert (await staff.delete(f"/api/admin/products/{path}")).code == "not_found"
    assert (await upload("0190c2a4-6c1e-7d1b-9f0e-3b8d5a2c7e11", PNG)).code == "not_found"


async def test_customers_and_guests_upload_nothing(make_product, client, customer):
    product = await make_product()
    for caller, status in ((client, 401), (customer, 403)):
        assert (await caller.post(f"/api/admin/products/{product['id']}/media", data=PNG)).status == status


REFUSED = {
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 415),
    "html": (b"<!doctype html><script>alert(1)</script>", 415),
    "pdf": (b"%PDF-1.7\n", 415),
    "bmp": (encoded(drawn(), "BMP"), 415),
    "tiff": (encoded(drawn(), "TIFF"), 415),
    "empty": (b"", 415),
    "one byte": (b"\xff", 415),
    "gif and javascript": (b"GIF89a/*" + GIF[8:] + b"*/=1;alert(1)", "unsafe_image"),
    "gif as a comment": (b"GIF89a/*" + GIF[8:], "unsafe_image"),
    "jpeg and html": (JPEG + b"<html><script>alert(1)</script>", "unsafe_image"),
    "jpeg with html in a comment": (
        JPEG[:2] + b"\xff\xfe" + pack(">H", 27) + b"<script>alert(1)</script>" + JPEG[2:], "unsafe_image"
    ),
    "png and zip": (PNG + b"PK\x03\x04" + b"\0" * 26 + b"PK\x05\x06" + b"\0" * 18, "unsafe_image"),
    "webp and php": (encoded(drawn(), "WEBP") + b"<?php system($_GET[0]); ?>", "unsafe_image"),
    "avif and html": (encoded(drawn(), "AVIF") + b"<html>", "unsafe_image"),
    "jpeg, half": (JPEG[: len(JPEG) // 2], "not_an_image"),
    "png, half": (PNG[: len(PNG) // 2], "not_an_image"),
    "gif, half": (GIF[: len(GIF) // 2], "not_an_image"),
    "webp, half": (encoded(drawn(), "WEBP")[:200], "not_an_image"),
    "avif, half": (encoded(drawn(), "AVIF")[:-100], "not_an_image"),
    "png with nothing in it": (b"\x89PNG\r\n\x1a\n", "not_an_image"),
    "jpeg of zeros": (b"\xff\xd8\xff\xe0" + b"\0" * 500, "not_an_image"),
    "gif of noise": (b"GIF89a" + bytes(range(256)), "not_an_image"),
    "png of 30,000 x 30,000": (huge_png(30_000, 30_000), "image_too_large"),
    "png of 13,000 x 1": (huge_png(13_000, 1), "image_too_large"),
    "webp of 16,000 x 16,000": (huge_webp(16_000, 16_000), "image_too_large"),
    "gif of 65,535 x 65,535": (b"GIF89a" + b"\xff\xff\xff\xff" + GIF[10:], "image_too_large"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_no_honest_picture_is_refused_with_a_code(make_product, upload, what, no_files):
    product = await make_product()
    data, expected = REFUSED[what]
    reply = await upload(product["id"], data)
    if expected == 415:
        assert (reply.status, reply.code) == (415, "unsupported_media_type")
    else:
        assert (reply.status, reply.code) == (422, expected), reply.json
    assert stored_files() == []
    assert await db.fetch_value("SELECT count(*) FROM catalog_media_file") == 0


@pytest.mark.parametrize("name", ["x.svg", "x.png", "x.jpg", "x", "x.SVG.png"])
async def test_an_svg_is_refused_under_every_name(make_product, upload, name):
    product = await make_product()
    assert (await upload(product["id"], REFUSED["svg"][0], name=name)).code == "unsupported_media_type"


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.png", "..", "/etc/passwd", "..\\\\x.png", "a/b.png"])
async def test_a_name_that_is_a_path_is_refused(make_product, upload, name, no_files):
    product = await make_product()
    assert (await upload(product["id"], PNG, name=name)).code == "unsafe_file_name"
    assert stored_files() == []


async def test_twenty_mebibytes_are_refused(make_product, upload, staff):
    product = await make_product()
    reply = await upload(product["id"], PNG + b"\0" * 20 * 1024**2)
    assert (reply.status, reply.code) == (413, "body_too_large")
    reply = await upload(product["id"], PNG + b"\0" * (10 * 1024**2 - len(PNG) + 1))
    assert (reply.status, reply.code) == (413, "body_too_large")


async def test_a_form_without_a_file_or_with_strange_fields_is_refused(make_product, upload, staff):
    product = await make_product()
    path = f"/api/admin/products/{product['id']}/media"
    form = {"Content-Type": "multipart/form-data; boundary=cut"}
    only_alt = b'--cut\r\nContent-Disposition: form-data; name="alt"\r\n\r\nx\r\n--cut--\r\n'
    assert (await staff.post(path, data=only_alt, headers=form)).code == "bad_request"
    assert (await staff.post(path, data=b"--cut", headers=form)).code == "bad_request"
    assert (await staff.post(path, data=b"", headers=form)).code == "bad_request"
    assert (await staff.post(path, data=PNG, headers={"Content-Type": "image/png"})).code == "unsupported_media_type"
    assert (await staff.post(path, {"file": "x"})).code == "unsupported_media_type"
    for fields in (
        {"colour": "x"}, {"alt": "x" * 501}, {"alt": "x" * 10_000}, {"alt": "a\0b"}, {"position": "-1"},
        {"position": "9" * 400}, {"focal_x": "0.5"}, {"focal_x": "nan", "focal_y": "0"},
        {"focal_x": "2", "focal_y": "0"},
    ):  # fmt: skip
        assert (await upload(product["id"], PNG, **fields)).code == "validation_failed", fields
    assert (await staff.get(path)).json["items"] == []


async def test_only_the_first_of_ten_thousand_frames_is_kept(make_product, upload, client):
    product = await make_product()
    frames = [Image.new("P", (16, 16), shade % 2) for shade in range(10_000)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    media = (await upload(product["id"], moving)).json
    shown = Image.open(io.BytesIO((await client.get(media["url"])).body))
    assert (shown.size, getattr(shown, "n_frames", 1)) == ((16, 16), 1)


async def test_where_it_was_taken_is_not_told(make_product, upload, client):
    product = await make_product()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x013B] = "Somebody Secret"
    exif.get_ifd(GPS)[2] = (9.0, 55.0, 59.0)
    photo = encoded(drawn(), "JPEG", exif=exif, comment=b"Somebody Secret")
    assert b"Somebody Secret" in photo
    media = (await upload(product["id"], photo)).json
    assert (media["width"], media["height"]) == (400, 800)
    for path, accept in (
        (media["url"], "*/*"),
        (f"{media['url']}?w=160", "image/webp"),
        (f"{media['url']}?w=160", "image/avif"),
    ):
        body = (await client.get(path, headers={"Accept": accept})).body
        assert b"Secret" not in body
        assert b"Exif" not in body
        shown = Image.open(io.BytesIO(body))
        assert not dict(shown.getexif())
        assert not {"icc_profile", "xmp", "exif"} & set(shown.info)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
async def test_every_kind_of_colour_is_taken(make_product, upload, client, mode):
    product = await make_product()
    image = Image.new("I;16", (200, 100), 40_000) if mode == "I;16" else Image.new("RGB", (200, 100), (156, 156, 156))
    if mode != "I;16":
        image = image.convert(mode)
    data = encoded(image, "JPEG" if mode == "CMYK" else "PNG")
    media = (await upload(product["id"], data)).json
    shown = Image.open(io.BytesIO((await client.get(media["url"])).body)).convert("L")
    if mode != "1":
        assert abs(shown.getpixel((100, 50)) - 156) < 8


KINDS = {
    "a jpeg with a further picture": encoded(drawn(), "MPO", save_all=True, append_images=[drawn(shade=90)]),
    "a progressive jpeg": encoded(drawn(), "JPEG", progressive=True),
    "a jpeg with a damaged profile": encoded(drawn(), "JPEG", icc_profile=b"nonsense" * 20),
    "a jpeg with damaged exif": encoded(drawn(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"),
    "an interlaced gif that moves": encoded(drawn(), "GIF", save_all=True, append_images=[drawn(shade=90)], loop=0),
    "a png that moves": encoded(drawn(), "PNG", save_all=True, append_images=[drawn(shade=90)]),
    "a webp that moves": encoded(drawn(), "WEBP", save_all=True, append_images=[drawn(shade=90)]),
    "a webp without loss": encoded(drawn(), "WEBP", lossless=True),
    "an avif": encoded(drawn(), "AVIF"),
    "a jpeg with zeros behind it": JPEG + b"\0" * 100,
}


@pytest.mark.parametrize("what", KINDS)
async def test_what_cameras_and_programs_write_is_taken(make_product, upload, what):
    product = await make_product()
    reply = await upload(product["id"], KINDS[what], name="x.bin")
    assert (reply.status, reply.json.get("width")) == (201, 800), reply.json


async def test_what_is_transparent_stays_so(make_product, upload, client):
    product = await make_product()
    image = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 50, 100))
    media = (await upload(product["id"], encoded(image))).json
    shown = Image.open(io.BytesIO((await client.get(media["url"])).body))
    assert (shown.mode, shown.getpixel((80, 50))[3], shown.getpixel((20, 50))[3]) == ("RGBA", 0, 255)


async def test_a_large_picture_is_kept_at_a_bounded_size(make_product, upload):
    product = await make_product()
    media = (await upload(product["id"], encoded(Image.new("RGB", (6000, 3000), (1, 2, 3)), "JPEG"))).json
    assert (media["width"], media["height"]) == (2560, 1280)
    assert [v["width"] for v in media["variants"]] == [160, 320, 640, 1280]


async def test_the_same_picture_twice_is_one_file_and_one_row(make_product, upload, staff, no_files):
    product, other = await make_product("One"), await make_product("Two")
    first, again, elsewhere = (
        await upload(product["id"], PNG, alt="x"), await upload(product["id"], PNG), await upload(other["id"], PNG)
    )  # fmt: skip
    assert (first.status, again.status, elsewhere.status) == (201, 200, 201)
    assert again.json == first.json
    assert elsewhere.json["key"] == first.json["key"]
    assert len(stored_files()) == 9


async def test_twins_make_one_picture(make_product, upload, staff, no_files):
    product = await make_product()
    replies = await asyncio.gather(*(upload(product["id"], PNG) for _ in range(4)))
    assert sorted(reply.status for reply in replies) == [200, 200, 200, 201]
    assert len((await staff.get(f"/api/admin/products/{product['id']}/media")).json["items"]) == 1
    assert len(stored_files()) == 9


async def test_a_picture_is_deleted_while_it_is_uploaded_elsewhere(make_product, upload, staff, client):
    product, other = await make_product("One"), await make_product("Two")
    media = (await upload(product["id"], PNG)).json
    gone, came = await asyncio.gather(
        staff.delete(f"/api/admin/products/{product['id']}/media/{media['id']}"), upload(other["id"], PNG)
    )
    await store.sweep()
    assert (gone.status, came.status) == (204, 201)
    assert (await client.get(came.json["url"])).status == 200


async def test_a_product_has_at_most_fifty_pictures(make_product, upload, database):
    from feria_core.ids import new_id

    product = await make_product()
    await db.execute_many(
        "INSERT INTO catalog_media (id, product_id, key, position, width, height) VALUES ($1, $2, $3, $4, 1, 1)",
        [(new_id(), product["id"], f"{n:032x}.webp", n) for n in range(50)],
    )
    assert (await upload(product["id"], PNG)).code == "too_many_media"


async def test_a_storage_that_fails_leaves_nothing_half_done(make_product, upload, staff, monkeypatch, no_files):
    product = await make_product()
    files = storage()

    async def full(key, source, *, content_type):
        raise StorageUnavailable

    monkeypatch.setattr(files, "put", full)
    reply = await upload(product["id"], PNG)
    assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, "storage_unavailable", "5")
    assert (await staff.get(f"/api/admin/products/{product['id']}/media")).json["items"] == []
    monkeypatch.undo()
    assert (await upload(product["id"], PNG)).status == 201
