"""Preview links: secret, ending, of one post."""

from feria_core import db
from feria_core.ids import token_hash
from feria_core.testing.work import run_jobs


def admin(post):
    return f"/api/admin/blog/posts/{post['id']}/previews"


async def test_a_link_shows_a_draft_to_whoever_has_it_and_nobody_keeps_the_answer(client, staff, write_post):
    post = await write_post("Plans", status="draft")
    given = (await staff.post(admin(post))).json
    assert given["url"].endswith(given["token"])
    reply = await client.get(f"/api/blog/previews/{given['token']}")
    assert (reply.status, reply.json["title"], reply.json["status"]) == (200, "Plans", "draft")
    assert reply.headers["cache-control"] == "private, no-store"
    assert reply.headers["x-robots-tag"] == "noindex"
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"title": "Other plans"})
    assert (await client.get(f"/api/blog/previews/{given['token']}")).json["title"] == "Other plans"
    assert (await client.get("/api/blog/posts/plans")).status == 404


async def test_the_token_is_stored_hashed(staff, write_post):
    token = (await staff.post(admin(await write_post()))).json["token"]
    assert await db.fetch_value("SELECT token_hash FROM blog_preview") == token_hash(token)
    assert token not in str(await db.fetch_all("SELECT * FROM core_audit"))


async def test_a_link_ends_with_its_time(client, staff, clock, write_post):
    token = (await staff.post(admin(await write_post(status="draft")))).json["token"]
    clock.move(hours=72)
    reply = await client.get(f"/api/blog/previews/{token}")
    assert (reply.status, reply.code) == (404, "preview_expired")


async def test_staff_end_every_link_of_a_post_and_of_that_post_alone(client, staff, write_post):
    first, second = await write_post("First", status="draft"), await write_post("Second", status="draft")
    tokens = [(await staff.post(admin(post))).json["token"] for post in (first, first, second)]
    assert (await staff.delete(admin(first))).status == 204
    assert [(await client.get(f"/api/blog/previews/{token}")).status for token in tokens] == [404, 404, 200]


async def test_ended_links_are_forgotten(client, staff, clock, write_post):
    from feria_core.jobs import enqueue

    await staff.post(admin(await write_post()))
    clock.move(hours=71)
    await staff.post(admin(await write_post("Other")))
    clock.move(hours=2)
    async with db.transaction():
        await enqueue("blog.forget_previews")
    await run_jobs()
    assert await db.fetch_value("SELECT count(*) FROM blog_preview") == 1


async def test_a_token_that_was_never_given_is_404(client):
    for token in ("x", "x" * 3000, "%00", "%ff"):
        assert (await client.get(f"/api/blog/previews/{token}")).status == 404
