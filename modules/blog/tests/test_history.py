"""Revisions, their differences, restoring; several editors at once."""

import asyncio

import pytest

from feria_blog.domain import MAX_COMPARED_LINES, difference
from feria_core import db


def admin(post, rest=""):
    return f"/api/admin/blog/posts/{post['id']}{rest}"


async def numbers(staff, post):
    return [item["number"] for item in (await staff.get(admin(post, "/revisions"))).json["items"]]


async def test_each_change_of_the_text_is_a_revision_and_a_change_of_status_is_none(staff, write_post):
    post = await write_post(body="One.")
    await staff.patch(admin(post), {"body": "Two."})
    await staff.post(admin(post, "/unpublish"))
    await staff.patch(admin(post), {"slug": "other"})
    assert await numbers(staff, post) == [2, 1]
    first = (await staff.get(admin(post, "/revisions/1"))).json
    assert (first["reason"], first["content"]["body"]) == ("created", "One.")
    assert first["actor_id"] == "00000000-0000-0000-0000-000000000001"


async def test_a_difference_tells_fields_and_lines(staff, write_post):
    post = await write_post(body="a\nb\nc", tags=["One"])
    await staff.patch(admin(post), {"body": "a\nB\nc", "tags": ["Two"], "seo": {"title": "T"}})
    diff = (await staff.get(admin(post, "/revisions/2/diff"))).json
    changes = {change["field"]: change for change in diff["changes"]}
    assert set(changes) == {"body", "tags", "seo.title"}
    assert changes["body"]["lines"] == [
        {"op": "equal", "text": "a"},
        {"op": "delete", "text": "b"},
        {"op": "insert", "text": "B"},
        {"op": "equal", "text": "c"},
    ]
    assert (changes["tags"]["before"], changes["tags"]["after"]) == (["One"], ["Two"])
    assert (await staff.get(admin(post, "/revisions/2/diff?against=2"))).json["changes"] == []
    assert (await staff.get(admin(post, "/revisions/1/diff"))).json["changes"] == []


async def test_a_restored_state_is_a_new_revision_and_leaves_slug_and_status(client, staff, write_post):
    await staff.post("/api/admin/blog/categories", {"name": "News"})
    post = await write_post(body="One.", tags=["Wood"], category="news")
    text = {"title": "Noticias", "body": "Uno.", "format": "markdown"}
    await staff.put(admin(post, "/translations/es"), text)
    await staff.patch(admin(post), {"title": "Bad", "body": "Bad.", "tags": [], "category": None, "slug": "moved"})
    await staff.delete(admin(post, "/translations/es"))
    await staff.delete("/api/admin/blog/categories/news")
    reply = await staff.post(admin(post, "/revisions/2/restore"))
    assert (reply.status, reply.json["title"], reply.json["body"]) == (200, "Spring news", "One.")
    assert (reply.json["tags"], reply.json["slug"], reply.json["status"]) == (["Wood"], "moved", "published")
    assert reply.json["translations"]["es"]["title"] == "Noticias"
    assert reply.json["category"] is None  # deleted meanwhile
    assert await numbers(staff, post) == [5, 4, 3, 2, 1]
    assert (await client.get("/api/blog/posts/moved")).json["html"] == "<p>One.</p>\n"


@pytest.mark.parametrize("number", ["0", "9", "x", "-1", "1.0", "99999999999", "²"])
async def test_a_revision_that_is_not_there_is_404(staff, write_post, number):
    post = await write_post()
    assert (await staff.get(admin(post, f"/revisions/{number}"))).status == 404
    assert (await staff.get(admin(post, f"/revisions/{number}/diff"))).status == 404
    assert (await staff.post(admin(post, f"/revisions/{number}/restore"))).status == 404


async def test_a_revision_of_another_post_is_404(staff, write_post):
    first, second = await write_post("First"), await write_post("Second")
    await staff.patch(admin(first), {"body": "New."})
    assert (await staff.get(admin(second, "/revisions/2"))).status == 404


async def test_only_so_many_revisions_are_kept(staff, write_post, monkeypatch):
    from feria_blog.settings import BlogSettings
    from feria_blog.writing import revisions

    monkeypatch.setattr(revisions, "settings", lambda _: BlogSettings(revisions_kept=3))
    post = await write_post()
    for number in range(5):
        await staff.patch(admin(post), {"body": f"State {number}."})
    assert await numbers(staff, post) == [6, 5, 4]


async def test_an_editor_who_was_slower_is_told(staff, write_post):
    post = await write_post()
    assert (await staff.patch(admin(post), {"title": "Mine", "version": 1})).json["version"] == 2
    slower = await staff.patch(admin(post), {"title": "Yours", "version": 1})
    assert (slower.status, slower.code, slower.json["version"]) == (409, "stale_version", 2)
    for rest in ("/publish", "/unpublish", "/revisions/1/restore"):
        assert (await staff.post(admin(post, rest), {"version": 1})).code == "stale_version"
    text = {"title": "x", "body": "x", "format": "html", "version": 1}
    assert (await staff.put(admin(post, "/translations/es"), text)).code == "stale_version"


async def test_of_editors_at_the_same_instant_with_a_version_one_wins(staff, write_post):
    post = await write_post()
    replies = await asyncio.gather(*(staff.patch(admin(post), {"title": f"T{n}", "version": 1}) for n in range(8)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 7
    assert await numbers(staff, post) == [2, 1]


async def test_editors_of_different_fields_without_a_version_lose_nothing(staff, write_post):
    post = await write_post()
    fields = [{"title": "New"}, {"body": "New."}, {"excerpt": "Short."}, {"tags": ["a"]}]
    replies = await asyncio.gather(*(staff.patch(admin(post), field) for field in fields))
    assert [reply.status for reply in replies] == [200] * 4
    after = (await staff.get(admin(post))).json
    assert (after["title"], after["body"], after["excerpt"], after["tags"]) == ("New", "New.", "Short.", ["a"])
    assert await numbers(staff, post) == [5, 4, 3, 2, 1]


async def test_each_change_leaves_one_audit_row(staff, write_post):
    await staff.post("/api/admin/blog/categories", {"name": "News"})
    post = await write_post(category="news", tags=["Wood"])
    await staff.patch(admin(post), {"title": "Other"})
    await staff.post(admin(post, "/unpublish"))
    await staff.post(admin(post, "/publish"))
    await staff.post(admin(post, "/revisions/1/restore"))
    await staff.post(admin(post, "/previews"))
    await staff.delete(admin(post, "/previews"))
    await staff.delete(admin(post))
    rows = await db.fetch_all("SELECT action, before::text AS before, after::text AS after FROM core_audit ORDER BY id")
    assert [row["action"].removeprefix("blog.") for row in rows] == [
        "category.created", "post.created", "post.edited", "post.unpublished", "post.published", "post.restored",
        "preview.given", "preview.withdrawn", "post.deleted",
    ]  # fmt: skip
    assert '"title":"Spring news"' in rows[2]["before"].replace(": ", ":")
    assert '"title":"Other"' in rows[2]["after"].replace(": ", ":")
    assert "body" not in rows[2]["after"]


def test_a_very_long_text_is_told_as_replaced_without_being_compared():
    long = "\n".join(str(number) for number in range(MAX_COMPARED_LINES + 1))
    assert [part["op"] for part in difference(long, f"{long}\nx")] == ["delete", "insert"]
    assert difference(long, long) == []
