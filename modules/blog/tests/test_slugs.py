"""Slugs: unique, never lost, no chains, a reused one wins."""

import asyncio

import pytest

from feria_blog import checks


async def where(client, slug):
    """Return the status of a post's page, and where it is."""
    reply = await client.get(f"/api/blog/posts/{slug}")
    return reply.status, reply.headers.get("location", "").removeprefix("/api/blog/posts/")


async def test_a_former_slug_leads_straight_to_the_present_one(client, staff, write_post):
    post = await write_post("First")
    for slug in ("second", "third"):
        await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"slug": slug})
    assert await where(client, "first") == (301, "third")
    assert await where(client, "second") == (301, "third")
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"slug": "first"})
    assert await where(client, "first") == (200, "")
    assert await where(client, "third") == (301, "first")
    assert await checks.post_slugs() == []


async def test_a_reused_slug_wins(client, staff, write_post):
    post = await write_post("First")
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"slug": "second"})
    other = await write_post("Other", slug="first")
    assert (await client.get("/api/blog/posts/first")).json["id"] == other["id"]
    assert await where(client, "second") == (200, "")


async def test_a_former_slug_of_a_hidden_post_tells_nothing(client, staff, write_post):
    post = await write_post("First", status="draft")
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"slug": "second"})
    assert await where(client, "first") == (404, "")


async def test_a_slug_of_another_post_is_taken(client, staff, write_post):
    await write_post("First")
    post = await write_post("Second")
    body = {"title": "x", "body": "x", "format": "markdown", "slug": "first"}
    assert (await staff.post("/api/admin/blog/posts", body)).code == "slug_taken"
    assert (await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"slug": "first"})).code == "slug_taken"
    text = {"title": "x", "body": "x", "format": "markdown", "slug": "first"}
    reply = await staff.put(f"/api/admin/blog/posts/{post['id']}/translations/es", text)
    assert reply.code == "slug_taken"
    assert (await staff.get(f"/api/admin/blog/posts/{post['id']}")).json["version"] == 1


async def test_made_slugs_are_numbered_and_leave_former_ones_alone(client, staff, write_post):
    first = await write_post("Same")
    assert (await write_post("Same"))["slug"] == "same-2"
    await staff.patch(f"/api/admin/blog/posts/{first['id']}", {"slug": "other"})
    assert (await write_post("Same"))["slug"] == "same-3"
    assert (await write_post("日本"))["slug"] == "ri-ben"


@pytest.mark.parametrize("slug", ["preview", "categories"])
async def test_names_of_other_pages_of_the_site_are_no_slugs(staff, slug):
    body = {"title": "x", "body": "x", "format": "markdown", "slug": slug}
    assert (await staff.post("/api/admin/blog/posts", body)).code == "slug_taken"


async def test_twins_get_a_slug_each(client, staff):
    body = {"title": "Twin", "body": "x", "format": "markdown", "status": "published"}
    replies = await asyncio.gather(*(staff.post("/api/admin/blog/posts", body) for _ in range(8)))
    assert [reply.status for reply in replies] == [201] * 8
    assert len({reply.json["slug"] for reply in replies}) == 8


async def test_of_twins_that_name_a_slug_one_gets_it(client, staff):
    body = {"title": "Twin", "body": "x", "format": "markdown", "slug": "twin"}
    replies = await asyncio.gather(*(staff.post("/api/admin/blog/posts", body) for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 7
    assert {reply.code for reply in replies if reply.status == 409} == {"slug_taken"}


async def test_a_former_slug_of_a_category_leads_to_it_and_lists_its_posts(client, staff, write_post):
    await staff.post("/api/admin/blog/categories", {"name": "News"})
    await write_post(category="news")
    await staff.patch("/api/admin/blog/categories/news", {"slug": "latest"})
    reply = await client.get("/api/blog/categories/news")
    assert (reply.status, reply.headers["location"]) == (301, "/api/blog/categories/latest")
    assert len((await client.get("/api/blog/posts?category=news")).json["items"]) == 1
    # A new category of the former slug wins.
    await staff.post("/api/admin/blog/categories", {"name": "Other", "slug": "news"})
    assert (await client.get("/api/blog/categories/news")).json["name"] == "Other"
    assert (await client.get("/api/blog/posts?category=news")).json["items"] == []
