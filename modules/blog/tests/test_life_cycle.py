"""Draft, scheduled, published, archived: to the second, without a job, through the response cache too."""

from datetime import timedelta

import pytest

from feria_core import db


async def slugs(client, query=""):
    return [item["slug"] for item in (await client.get(f"/api/blog/posts{query}")).json["items"]]


async def seen(client, slug):
    """Return by which of the public answers the post is shown."""
    address = f"/blog/{slug}"
    shown = {
        "list": slug in await slugs(client),
        "page": (await client.get(f"/api/blog/posts/{slug}")).status == 200,
        "sitemap": address in (await client.get("/sitemaps/blog-posts-0.xml")).body.decode(),
    }
    for name in ("rss.xml", "atom.xml", "feed.json"):
        shown[name] = address in (await client.get(f"/blog/{name}")).body.decode()
    return shown


async def test_a_post_without_a_status_is_a_draft_that_nobody_sees(client, staff):
    body = {"title": "Plans", "body": "Later.", "format": "markdown"}
    written = await staff.post("/api/admin/blog/posts", body)
    assert (written.status, written.json["status"], written.json["slug"]) == (201, "draft", "plans")
    assert written.json["html"] == "<p>Later.</p>\n"
    assert not any((await seen(client, "plans")).values())


async def test_a_published_post_is_seen_everywhere_at_once(client, write_post):
    assert await slugs(client) == []
    await write_post("Spring news")
    assert all((await seen(client, "spring-news")).values())


async def test_a_scheduled_post_appears_at_its_second_everywhere_through_the_cache(client, clock, write_post):
    await write_post("First")
    at = clock.at + timedelta(seconds=20)
    post = await write_post("Soon", publish_at=at.isoformat())
    assert post["status"] == "scheduled"
    clock.move(seconds=19.999)
    assert not any((await seen(client, "soon")).values())
    clock.move(seconds=0.001)
    assert all((await seen(client, "soon")).values())


async def test_the_first_scheduled_post_of_an_empty_blog_appears_too(client, clock, write_post):
    await write_post("Soon", publish_at=(clock.at + timedelta(seconds=10)).isoformat())
    assert await slugs(client) == []
    assert (await client.get("/sitemap.xml")).body.count(b"blog-posts") == 0
    clock.move(seconds=10)
    assert await slugs(client) == ["soon"]
    assert (await client.get("/sitemap.xml")).body.count(b"blog-posts") == 1


async def test_counts_follow_the_clock_too(client, clock, staff, write_post):
    await staff.post("/api/admin/blog/categories", {"name": "News"})
    at = (clock.at + timedelta(seconds=10)).isoformat()
    await write_post("Soon", publish_at=at, category="news", tags=["spring"])

    async def counts():
        tree = (await client.get("/api/blog/categories")).json["items"][0]["count"]
        tags = (await client.get("/api/blog/tags")).json["items"]
        return tree, [tag["count"] for tag in tags]

    assert await counts() == (0, [])
    clock.move(seconds=10)
    assert await counts() == (1, [1])


async def test_publish_at_alone_schedules(client, staff, clock):
    body = {"title": "Soon", "body": "x", "format": "html", "publish_at": (clock.at + timedelta(days=1)).isoformat()}
    assert (await staff.post("/api/admin/blog/posts", body)).json["status"] == "scheduled"


async def test_publishing_now_and_at_a_time(client, staff, clock, write_post):
    post = await write_post("Plans", status="draft")
    path = f"/api/admin/blog/posts/{post['id']}/publish"
    at = clock.at + timedelta(hours=1)
    assert (await staff.post(path, {"publish_at": at.isoformat()})).json["status"] == "scheduled"
    assert (await staff.post(path)).json["status"] == "published"
    first = (await client.get("/api/blog/posts/plans")).json["published_at"]
    clock.move(hours=2)
    again = await staff.post(path, {})
    assert (again.status, (await client.get("/api/blog/posts/plans")).json["published_at"]) == (200, first)


async def test_a_post_taken_back_is_gone_at_once_and_keeps_its_time_when_it_comes_again(client, staff, write_post):
    post = await write_post()
    first = (await client.get("/api/blog/posts/spring-news")).json["published_at"]
    taken = await staff.post(f"/api/admin/blog/posts/{post['id']}/unpublish")
    assert taken.json["status"] == "draft"
    assert not any((await seen(client, "spring-news")).values())
    await staff.post(f"/api/admin/blog/posts/{post['id']}/publish")
    assert (await client.get("/api/blog/posts/spring-news")).json["published_at"] == first


async def test_an_archived_post_is_kept_for_staff_alone(client, staff, write_post):
    post = await write_post()
    patched = await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"status": "archived"})
    assert patched.json["status"] == "archived"
    assert not any((await seen(client, "spring-news")).values())
    listed = (await staff.get("/api/admin/blog/posts?status=archived")).json["items"]
    assert [item["slug"] for item in listed] == ["spring-news"]


async def test_a_deleted_post_leaves_nothing_behind(client, staff, write_post):
    post = await write_post(tags=["news"], body="[[product:oak-table]]")
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"slug": "other"})
    await staff.post(f"/api/admin/blog/posts/{post['id']}/previews")
    assert (await staff.delete(f"/api/admin/blog/posts/{post['id']}")).status == 204
    assert (await staff.delete(f"/api/admin/blog/posts/{post['id']}")).status == 404
    assert (await client.get("/api/blog/posts/spring-news")).status == 404
    for table in ("post", "slug", "revision", "posting", "mention", "preview", "post_tag"):
        assert await db.fetch_value(f"SELECT count(*) FROM blog_{table}") == 0, table


@pytest.mark.parametrize(
    "state",
    [{"status": "scheduled"}, {"status": "scheduled", "publish_at": "2001-01-01T00:00:00Z"}],
)
async def test_a_scheduled_post_needs_a_time_to_come(staff, state):
    body = {"title": "Soon", "body": "x", "format": "markdown", **state}
    reply = await staff.post("/api/admin/blog/posts", body)
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, "publish_at_needed")


async def test_each_status_is_listed_for_staff(staff, clock, write_post):
    at = (clock.at + timedelta(days=1)).isoformat()
    for status, more in (("draft", {}), ("scheduled", {"publish_at": at}), ("published", {}), ("archived", {})):
        await write_post(status, status=status, **more)
    for status in ("draft", "scheduled", "published", "archived"):
        items = (await staff.get(f"/api/admin/blog/posts?status={status}")).json["items"]
        assert [(item["slug"], item["status"]) for item in items] == [(status, status)]


async def test_only_staff_with_the_permission_write(client):
    body = {"title": "Plans", "body": "Later.", "format": "markdown"}
    assert (await client.post("/api/admin/blog/posts", body)).status == 401
    assert (await client.as_customer().post("/api/admin/blog/posts", body)).status == 403
    assert (await client.as_staff("catalog.write").post("/api/admin/blog/posts", body)).status == 403
    assert (await client.as_api_key("blog.write").post("/api/admin/blog/posts", body)).status == 201
