"""Lists, filters, paging, one post, what is said of it."""

from datetime import timedelta

import pytest

from feria_blog.reading import page
from feria_blog.schemas import AuthorOut, CategoryDetail, Post, PostPage
from feria_core import db


async def slugs(client, query=""):
    return [item["slug"] for item in (await client.get(f"/api/blog/posts{query}")).json["items"]]


@pytest.fixture
async def taxonomy(staff):
    await staff.post("/api/admin/blog/categories", {"name": "Workshop"})
    await staff.post("/api/admin/blog/categories", {"name": "Care", "parent": "workshop", "names": {"es": "Cuidados"}})
    await staff.post("/api/admin/blog/authors", {"name": "Ines Calvo", "url": "https://example.org/ines"})


async def test_a_page_has_everything_that_a_frontend_shows(client, staff, taxonomy, write_post, clock):
    await write_post(
        "Spring news",
        body="Some **text**, " + "word " * 450,
        tags=["Wood", "Garden chairs"],
        category="care",
        author="ines-calvo",
        cover={"url": "https://example.org/a.jpg", "alt": "A table"},
    )
    reply = await client.get("/api/blog/posts/spring-news")
    post = reply.json
    Post.model_validate_json(reply.body)
    assert post["html"].startswith("<p>Some <strong>text</strong>,")
    assert (post["reading_time_minutes"], post["word_count"]) == (3, 452)
    assert post["excerpt"].startswith("Some text, word")
    assert post["excerpt"].endswith("…")
    assert len(post["excerpt"]) <= 280
    assert post["tags"] == [{"slug": "garden-chairs", "name": "Garden chairs"}, {"slug": "wood", "name": "Wood"}]
    assert post["category"] == {"slug": "care", "name": "Care"}
    assert [step["slug"] for step in post["category_path"]] == ["workshop", "care"]
    assert post["author"] == {"slug": "ines-calvo", "name": "Ines Calvo"}
    assert post["url"] == "/blog/spring-news"
    assert post["published_at"] == clock.at.isoformat().replace("+00:00", "Z")
    assert post["seo"]["title"] == "Spring news"
    assert post["seo"]["canonical"] == "http://localhost:8000/blog/spring-news"
    assert post["seo"]["image"] == "https://example.org/a.jpg"
    assert post["seo"]["open_graph"]["section"] == "Care"
    assert post["jsonld"]["author"] == {"@type": "Person", "name": "Ines Calvo", "url": "https://example.org/ines"}
    assert reply.headers["etag"]
    assert reply.headers["content-language"] == "en"
    again = await client.get("/api/blog/posts/spring-news", headers={"If-None-Match": reply.headers["etag"]})
    assert again.status == 304


async def test_what_staff_say_to_search_engines_is_said(client, write_post):
    seo = {
        "title": "Other",
        "description": "Short.",
        "canonical": "https://example.org/first",
        "image": "/media/x.webp",
    }
    await write_post(seo=seo, excerpt="By hand.")
    post = (await client.get("/api/blog/posts/spring-news")).json
    assert (post["excerpt"], post["seo"]["title"], post["seo"]["description"]) == ("By hand.", "Other", "Short.")
    assert post["seo"]["canonical"] == post["jsonld"]["url"] == "https://example.org/first"
    assert post["seo"]["image"] == "http://localhost:8000/media/x.webp"


async def test_a_post_is_found_by_its_id_too(client, write_post):
    post = await write_post()
    assert (await client.get(f"/api/blog/posts/{post['id']}")).json["slug"] == "spring-news"


@pytest.mark.parametrize("key", ["nothing", "Spring-News", "%00", "x" * 300, "..", "é"])
async def test_what_is_no_post_is_404(client, key):
    reply = await client.get(f"/api/blog/posts/{key}")
    assert (reply.status, reply.code) == (404, "not_found")


async def test_lists_are_narrowed_by_category_with_its_subtree_tag_and_author(client, staff, taxonomy, write_post):
    await write_post("In care", category="care", tags=["Wood"])
    await write_post("In workshop", category="workshop", author="ines-calvo")
    await write_post("Elsewhere", tags=["Wood", "Iron"])
    assert await slugs(client, "?category=workshop") == ["in-workshop", "in-care"]
    assert await slugs(client, "?category=care") == ["in-care"]
    assert await slugs(client, "?tag=wood") == ["elsewhere", "in-care"]
    assert await slugs(client, "?author=ines-calvo") == ["in-workshop"]
    assert await slugs(client, "?tag=wood&category=workshop") == ["in-care"]
    for nothing in ("?category=none", "?tag=none", "?author=none", "?category=%27"):
        reply = (await client.get(f"/api/blog/posts{nothing}")).json
        assert (reply["items"], reply["total"]) == ([], 0)


async def test_pages_meet_every_post_once_with_its_total(client, write_post, clock):
    for number in range(7):
        # Two at one moment, so that the id decides.
        await write_post(f"Post {number}", publish_at=(clock.at - timedelta(hours=number // 2)).isoformat())
    seen, cursor = [], ""
    while cursor is not None:
        reply = await client.get(f"/api/blog/posts?limit=3{cursor and '&cursor='}{cursor}")
        PostPage.model_validate_json(reply.body)
        assert reply.json["total"] == 7
        seen += [item["slug"] for item in reply.json["items"]]
        cursor = reply.json["next_cursor"]
    assert sorted(seen) == [f"post-{number}" for number in range(7)]
    assert seen == await slugs(client)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "WzEsMl0",
        "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwiMDE5MGFhYWEtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0",
    ],
)
async def test_a_cursor_that_is_not_ours_is_refused(client, cursor):
    for path in ("/api/blog/posts?", "/api/blog/posts?q=x&", "/api/blog/tags?", "/api/blog/authors?"):
        reply = await client.get(f"{path}cursor={cursor}")
        assert reply.status in (200, 400), path
    assert (await client.get(f"/api/blog/posts?cursor={cursor}")).code == "bad_request"


async def test_a_list_takes_the_same_statements_for_any_number_of_posts(client, write_post, monkeypatch):
    counts = []
    for number in range(5):
        await write_post(f"Post {number}", tags=["a", "b"])
        counter = [0]
        token = db.statement_count.set(counter)
        await page.find("post-0")
        from feria_blog.reading import posts
        from feria_blog.reading.filters import Filters

        await posts.newest(Filters(), limit=20)
        db.statement_count.reset(token)
        counts.append(counter[0])
    assert len(set(counts)) == 1


async def test_related_posts_share_tags_then_words_then_the_category(client, staff, taxonomy, write_post):
    oak = "Oak boards are planed, glued and clamped by the joiner."
    await write_post("Main", tags=["Wood", "Oak"], category="care", body=f"{oak} Planing oak takes patience.")
    await write_post("By tags", tags=["Wood", "Oak"], body="Something else entirely.")
    await write_post("By words", body=f"The joiner planes oak. {oak}")
    await write_post("By category", category="care", body="Nothing in common here.")
    await write_post("Unrelated", body="Zebras graze quietly.")
    await write_post("Draft", tags=["Wood", "Oak"], status="draft")
    related = (await client.get("/api/blog/posts/main")).json["related"]
    found = [card["slug"] for card in related]
    assert found[0] == "by-tags"
    assert set(found) == {"by-tags", "by-words", "by-category"}


async def test_the_tree_of_categories_counts_subtrees(client, staff, taxonomy, write_post):
    await write_post("In care", category="care")
    await write_post("In workshop", category="workshop")
    tree = (await client.get("/api/blog/categories")).json["items"]
    assert [(node["slug"], node["count"]) for node in tree] == [("workshop", 2)]
    assert [(node["slug"], node["count"]) for node in tree[0]["children"]] == [("care", 1)]
    reply = await client.get("/api/blog/categories/care", headers={"Accept-Language": "es"})
    CategoryDetail.model_validate_json(reply.body)
    assert (reply.json["name"], [step["slug"] for step in reply.json["path"]]) == ("Cuidados", ["workshop", "care"])
    assert (await client.get("/api/blog/categories/none")).status == 404


async def test_tags_are_counted_and_paged(client, write_post):
    await write_post("A", tags=["Wood", "Iron"])
    await write_post("B", tags=["Wood", "Wool"])
    await write_post("C", tags=["Hidden"], status="draft")
    first = (await client.get("/api/blog/tags?limit=2")).json
    assert [(tag["slug"], tag["count"]) for tag in first["items"]] == [("wood", 2), ("iron", 1)]
    rest = (await client.get(f"/api/blog/tags?limit=2&cursor={first['next_cursor']}")).json
    assert [(tag["slug"], tag["count"]) for tag in rest["items"]] == [("wool", 1)]
    assert rest["next_cursor"] is None


async def test_authors_are_read(client, staff, taxonomy, write_post):
    await write_post(author="ines-calvo")
    reply = await client.get("/api/blog/authors/ines-calvo")
    AuthorOut.model_validate_json(reply.body)
    assert (reply.json["name"], reply.json["post_count"]) == ("Ines Calvo", 1)
    assert len((await client.get("/api/blog/authors")).json["items"]) == 1
    assert (await client.get("/api/blog/authors/none")).status == 404
