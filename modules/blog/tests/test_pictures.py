"""Pictures that posts show: uploaded, kept as long as they are shown."""

import io

from PIL import Image

from feria_core import db
from feria_core.contracts.media import MEDIA
from feria_core.runtime import registry


def picture():
    data = io.BytesIO()
    Image.new("RGB", (40, 30), (10, 120, 90)).save(data, "PNG")
    return data.getvalue()


async def stored(staff):
    reply = await staff.call("POST", "/api/admin/blog/pictures", data=picture(), headers={"Content-Type": "image/png"})
    assert reply.status == 201, reply.body
    return reply.json


async def holders():
    return {row["holder"] for row in await db.fetch_all("SELECT holder FROM catalog_media_use")}


async def test_an_uploaded_picture_is_kept_by_the_post_that_shows_it(client, staff, write_post):
    image = await stored(staff)
    assert (image["width"], image["height"]) == (40, 30)
    assert (await client.get(image["url"])).status == 200
    assert await holders() == set()
    post = await write_post(body=f"![A picture]({image['url']})")
    assert await holders() == {f"blog.post:{post['id']}"}
    await staff.patch(
        f"/api/admin/blog/posts/{post['id']}", {"body": "None.", "cover": {"url": f"{image['url']}?w=320"}}
    )
    assert await holders() == {f"blog.post:{post['id']}"}
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"cover": None})
    assert await holders() == set()
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"seo": {"image": image["url"]}})
    await staff.delete(f"/api/admin/blog/posts/{post['id']}")
    assert await holders() == set()


async def test_a_picture_that_is_gone_is_told(staff):
    body = {"title": "x", "body": "![](/media/abababababababab.webp)", "format": "markdown"}
    reply = await staff.post("/api/admin/blog/posts", body)
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, "picture_missing")
    assert await db.fetch_value("SELECT count(*) FROM blog_post") == 0


async def test_what_is_no_picture_is_refused(staff):
    reply = await staff.call("POST", "/api/admin/blog/pictures", data=b"<svg onload=alert(1)>")
    assert reply.status in (415, 422)
    assert (await staff.call("POST", "/api/admin/blog/pictures", data=b"")).status in (415, 422)


async def test_without_a_module_that_keeps_files_the_upload_names_it(staff, monkeypatch):
    monkeypatch.setitem(registry()._offers, MEDIA.name, [])
    reply = await staff.call("POST", "/api/admin/blog/pictures", data=picture())
    assert (reply.status, reply.code, reply.json["module"]) == (404, "module_disabled", "catalog")


async def test_without_it_posts_show_pictures_of_other_places(client, staff, write_post, monkeypatch):
    monkeypatch.setitem(registry()._offers, MEDIA.name, [])
    await write_post(cover={"url": "https://example.org/a.jpg"}, body="![](/media/abababababababab.webp)")
    assert (await client.get("/api/blog/posts/spring-news")).json["cover"]["url"] == "https://example.org/a.jpg"
