"""What a search finds: stems, accents, rarity, both languages, nothing unpublished."""

import pytest

from feria_blog import checks
from feria_core.testing.work import run_jobs


async def found(client, q, **headers):
    reply = await client.get(f"/api/blog/posts?q={q}", headers=headers)
    assert reply.status == 200, reply.body
    return [item["slug"] for item in reply.json["items"]]


async def test_words_are_found_by_their_stem_and_without_accents(client, write_post):
    await write_post("Oiling tables", body="How a café keeps its tables.")
    assert await found(client, "table") == ["oiling-tables"]
    assert await found(client, "CAFE") == ["oiling-tables"]
    assert await found(client, "chairs") == []


async def test_the_title_tells_more_than_the_text_and_a_rare_word_more_than_a_common_one(client, write_post):
    for number in range(5):
        await write_post(f"Common {number}", body="Wood and more wood.")
    await write_post("About varnish", body="Short.")
    await write_post("Other", body="A word about varnish in a longer text about wood and other things.")
    assert await found(client, "varnish") == ["about-varnish", "other"]
    assert (await found(client, "varnish+wood"))[0] == "other"


async def test_a_version_is_found_as_a_whole(client, write_post):
    for version in ("1.72.0", "1.72.1", "1.0.72"):
        await write_post(f"Announcing {version}", body="Versions 1, 72, 0 and so on.")
    assert await found(client, "announcing+1.72.1") == ["announcing-1-72-1"]
    assert len(await found(client, "72")) == 3


async def test_only_the_posts_with_the_most_of_the_words_are_shown(client, write_post):
    await write_post("Oak table", body="x")
    await write_post("Oak chair", body="x")
    assert await found(client, "oak+table") == ["oak-table"]
    assert sorted(await found(client, "oak+sofa")) == ["oak-chair", "oak-table"]


async def test_a_translation_is_found_in_its_language_and_shown_in_the_readers(client, staff, write_post):
    post = await write_post("Oiling tables", body="Oil.")
    text = {"title": "Aceitar mesas", "body": "Aceite.", "format": "markdown", "slug": "aceitar-mesas"}
    await staff.put(f"/api/admin/blog/posts/{post['id']}/translations/es", text)
    assert await found(client, "mesa") == ["oiling-tables"]
    assert await found(client, "mesa", **{"Accept-Language": "es"}) == ["aceitar-mesas"]
    assert await found(client, "tables", **{"Accept-Language": "es"}) == ["aceitar-mesas"]


async def test_drafts_scheduled_and_archived_posts_are_not_found(client, clock, write_post):
    await write_post("Draft varnish", status="draft")
    await write_post("Archived varnish", status="archived")
    await write_post("Soon varnish", publish_at=clock.move(seconds=0).replace(year=clock.at.year + 1).isoformat())
    assert await found(client, "varnish") == []


async def test_an_edited_post_is_found_by_its_new_words_alone(client, staff, write_post):
    post = await write_post("Varnish", body="x")
    await staff.patch(f"/api/admin/blog/posts/{post['id']}", {"title": "Linseed"})
    assert await found(client, "varnish") == []
    assert await found(client, "linseed") == ["varnish"]


async def test_pages_of_a_search_meet_every_match_once(client, write_post):
    for number in range(5):
        await write_post(f"Varnish {number}", body="Same text.")
    first = (await client.get("/api/blog/posts?q=varnish&limit=2")).json
    assert first["total"] == 5
    seen, cursor = [item["slug"] for item in first["items"]], first["next_cursor"]
    while cursor:
        page = (await client.get(f"/api/blog/posts?q=varnish&limit=2&cursor={cursor}")).json
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == [f"varnish-{number}" for number in range(5)]


async def test_posts_are_found_by_their_tags_also_after_a_tag_was_renamed(client, staff, write_post):
    await write_post("Plain", body="x", tags=["Marquetry"])
    assert await found(client, "marquetry") == ["plain"]
    await staff.patch("/api/admin/blog/tags/marquetry", {"name": "Inlay"})
    await run_jobs()
    assert await found(client, "inlay") == ["plain"]
    assert await found(client, "marquetry") == []
    assert await checks.post_words() == []


@pytest.mark.parametrize("q", ["the", "!!!", "%25", "a" * 200, "%E2%80%AE", "'; DROP TABLE blog_post; --"])
async def test_odd_searches_find_nothing(client, write_post, q):
    await write_post()
    assert await found(client, q) == []


async def test_an_empty_search_is_the_list(client, write_post):
    await write_post()
    assert await found(client, "%20") == ["spring-news"]


async def asked(client, q):
    reply = await client.get(f"/api/blog/posts?q={q}")
    assert reply.status == 200, reply.body
    return [item["slug"] for item in reply.json["items"]], reply.json["corrected_query"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vernish", "varnish"), ("restoratoin", "restoration"), ("rastorasion", "restoration"),
        ("varnihs", "varnish"), ("Varnsh", "varnish"), ("varniish", "varnish"),
        ("oak+vernish", "oak varnish"), ("Oak,+vernish!", "Oak, varnish!"),
    ],
)  # fmt: skip
async def test_a_mistyped_word_is_mended_to_the_nearest_of_the_blogs_own(client, write_post, typed, meant):
    await write_post("Oak and varnish", body="The restoration of a table.")
    assert await asked(client, typed) == (["oak-and-varnish"], meant)
    assert await asked(client, meant.replace(" ", "+")) == (["oak-and-varnish"], None)


async def test_a_word_that_some_post_holds_is_left_as_it_is(client, write_post):
    for number in range(3):
        await write_post(f"Table {number}", body="x")
    await write_post("Cable", body="x")
    assert await asked(client, "cable") == (["cable"], None)
    assert (await asked(client, "xyzzy")) == ([], None)
    assert (await asked(client, "tabel+chair"))[1] == "table chair"
    assert (await asked(client, "the+tab"))[1] is None


async def test_a_word_of_a_draft_is_offered_to_nobody_and_one_of_a_scheduled_post_from_its_second_on(
    client, clock, write_post
):
    await write_post("Secret varnish", status="draft")
    await write_post("Soon lacquer", publish_at=clock.move(seconds=0).replace(year=clock.at.year + 1).isoformat())
    assert await asked(client, "vernish") == ([], None)
    assert await asked(client, "laquer") == ([], None)
    clock.move(days=366)
    assert await asked(client, "laquer") == (["soon-lacquer"], "lacquer")


async def test_pages_of_a_mended_search_meet_every_match_once(client, write_post):
    for number in range(3):
        await write_post(f"Varnish {number}", body="Same text.")
    first = (await client.get("/api/blog/posts?q=vernish&limit=2")).json
    second = (await client.get(f"/api/blog/posts?q=vernish&limit=2&cursor={first['next_cursor']}")).json
    assert sorted(item["slug"] for item in first["items"] + second["items"]) == [f"varnish-{n}" for n in range(3)]
    assert second["corrected_query"] == "varnish"
