"""Categories, tags and authors for staff."""

import pytest

from feria_blog import checks

BASE = "/api/admin/blog"


async def make(staff, name, **more):
    reply = await staff.post(f"{BASE}/categories", {"name": name, **more})
    assert reply.status == 201, reply.body
    return reply.json


async def test_a_category_moves_with_its_subtree(client, staff, write_post):
    for name, parent in (("A", None), ("B", "a"), ("C", "b"), ("D", None)):
        await make(staff, name, parent=parent)
    await write_post(category="c")
    moved = await staff.patch(f"{BASE}/categories/b", {"parent": "d", "slug": "bee"})
    assert moved.json["path"] == ["d", "bee"]
    assert (await staff.get(f"{BASE}/categories/c")).json["path"] == ["d", "bee", "c"]
    assert len((await client.get("/api/blog/posts?category=d")).json["items"]) == 1
    assert (await client.get("/api/blog/posts?category=a")).json["items"] == []
    assert (await staff.patch(f"{BASE}/categories/bee", {"parent": None})).json["path"] == ["bee"]
    assert await checks.post_categories() == []


async def test_a_category_cannot_stand_below_itself_nor_too_deep(staff):
    parent = None
    for number in range(8):
        parent = (await make(staff, f"L{number}", parent=parent))["slug"]
    for target in ("l0", "l3"):
        assert (await staff.patch(f"{BASE}/categories/l0", {"parent": target})).code == "category_cycle"
    deep = await staff.post(f"{BASE}/categories", {"name": "L8", "parent": "l7"})
    assert deep.code == "category_too_deep"
    await make(staff, "Top")
    assert (await staff.patch(f"{BASE}/categories/l0", {"parent": "top"})).code == "category_too_deep"


async def test_names_are_unique_in_their_place_and_slugs_everywhere(staff):
    await make(staff, "News")
    await make(staff, "Other")
    assert (await staff.post(f"{BASE}/categories", {"name": "NEWS"})).code == "name_taken"
    assert (await staff.post(f"{BASE}/categories", {"name": "X", "slug": "news"})).code == "slug_taken"
    assert (await make(staff, "News", parent="other"))["slug"] == "news-2"
    assert (await staff.patch(f"{BASE}/categories/other", {"name": "News"})).code == "name_taken"
    assert (await staff.patch(f"{BASE}/categories/other", {"slug": "news"})).code == "slug_taken"


async def test_what_is_used_is_not_deleted(staff, write_post):
    await make(staff, "A")
    await make(staff, "B", parent="a")
    await staff.post(f"{BASE}/authors", {"name": "Ines"})
    post = await write_post(category="b", author="ines", tags=["Wood"])
    for path in ("categories/a", "categories/b", "authors/ines"):
        assert (await staff.delete(f"{BASE}/{path}")).code == "in_use", path
    assert (await staff.delete(f"{BASE}/tags/wood")).status == 204
    assert (await staff.get(f"{BASE}/posts/{post['id']}")).json["tags"] == []
    await staff.delete(f"{BASE}/posts/{post['id']}")
    for path in ("categories/b", "categories/a", "authors/ines"):
        assert (await staff.delete(f"{BASE}/{path}")).status == 204, path


@pytest.mark.parametrize("kind", ["categories", "tags", "authors"])
async def test_a_slower_editor_is_told(staff, kind):
    await staff.post(f"{BASE}/{kind}", {"name": "News"})
    assert (await staff.patch(f"{BASE}/{kind}/news", {"name": "Other", "version": 1})).json["version"] == 2
    assert (await staff.patch(f"{BASE}/{kind}/news", {"name": "Third", "version": 1})).code == "stale_version"
    assert (await staff.get(f"{BASE}/{kind}/none")).status == 404


async def test_tags_are_the_same_by_name_slug_and_spelling(staff, write_post):
    await write_post("A", tags=["Garden chairs"])
    await write_post("B", tags=["garden-chairs", "GARDEN CHAIRS"])
    tags = (await staff.get(f"{BASE}/tags?q=garden")).json["items"]
    assert [(tag["name"], tag["post_count"]) for tag in tags] == [("Garden chairs", 2)]


async def test_a_renamed_tag_keeps_its_posts(staff, write_post):
    post = await write_post(tags=["Wood"])
    await staff.patch(f"{BASE}/tags/wood", {"name": "Timber", "slug": "timber"})
    assert (await staff.get(f"{BASE}/posts/{post['id']}")).json["tags"] == ["Timber"]
    again = await staff.patch(f"{BASE}/posts/{post['id']}", {"tags": ["Timber"]})
    assert again.json["tags"] == ["Timber"]
    assert len((await staff.get(f"{BASE}/tags")).json["items"]) == 1


async def test_who_writes_stands_as_author_of_what_he_writes(client, staff, write_post):
    staff_id = "00000000-0000-0000-0000-000000000001"
    await staff.post(f"{BASE}/authors", {"name": "Ines", "user_id": staff_id})
    assert (await write_post())["author"] == "ines"
    taken = await staff.post(f"{BASE}/authors", {"name": "Twice", "user_id": staff_id})
    assert taken.code == "name_taken"
    assert "user_id" not in (await client.get("/api/blog/authors/ines")).json


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//x", "data:text/html,x", " https://x", "https://a b", "x", "/\\x"]
)
async def test_addresses_lead_to_pages_alone(staff, url):
    assert (await staff.post(f"{BASE}/authors", {"name": "A", "url": url})).status == (
        201 if url == " https://x" else 422
    )


@pytest.mark.parametrize("field", ["category", "author"])
async def test_a_post_names_what_exists(staff, field):
    body = {"title": "x", "body": "x", "format": "markdown", field: "none"}
    reply = await staff.post(f"{BASE}/posts", body)
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, f"unknown_{field}")


async def test_names_in_a_language_that_is_not_here_are_refused(staff):
    for kind in ("categories", "tags"):
        reply = await staff.post(f"{BASE}/{kind}", {"name": "A", "names": {"fr": "B"}})
        assert (reply.status, reply.json["errors"][0]["code"]) == (422, "unknown_locale")
