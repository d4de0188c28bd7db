"""A post in several languages: the reader's, else its own."""

import pytest

TEXT = {"title": "Noticias", "body": "Un *texto*.", "format": "markdown", "slug": "noticias"}


def admin(post, locale="es"):
    return f"/api/admin/blog/posts/{post['id']}/translations/{locale}"


async def read(client, key, language):
    reply = await client.get(f"/api/blog/posts/{key}", headers={"Accept-Language": language})
    assert reply.status == 200, reply.body
    return reply.json, reply.headers["content-language"]


async def test_a_reader_gets_his_language_where_there_is_one(client, staff, write_post):
    post = await write_post()
    assert (await read(client, "spring-news", "es"))[1] == "en"
    assert (await staff.put(admin(post), TEXT)).status == 200
    shown, language = await read(client, "spring-news", "es-MX,es;q=0.9")
    assert (shown["title"], shown["html"], shown["slug"], language) == (
        "Noticias",
        "<p>Un <em>texto</em>.</p>\n",
        "noticias",
        "es",
    )
    shown, language = await read(client, "spring-news", "fr,en;q=0.5")
    assert (shown["title"], language) == ("Spring news", "en")
    assert {each["locale"]: each["url"] for each in shown["alternates"]} == {
        "en": "/blog/spring-news",
        "es": "/blog/noticias",
    }


async def test_a_slug_of_a_language_shows_that_language(client, staff, write_post):
    post = await write_post()
    await staff.put(admin(post), TEXT)
    assert (await read(client, "noticias", "en"))[1] == "es"
    await staff.put(admin(post), {**TEXT, "slug": "novedades"})
    moved = await client.get("/api/blog/posts/noticias")
    assert (moved.status, moved.headers["location"]) == (301, "/api/blog/posts/novedades")
    await staff.delete(admin(post))
    gone = await client.get("/api/blog/posts/novedades")
    assert (gone.status, gone.headers["location"]) == (301, "/api/blog/posts/spring-news")


async def test_lists_feeds_and_sitemap_speak_the_readers_language(client, staff, write_post):
    post = await write_post(tags=["Wood"])
    await staff.patch("/api/admin/blog/tags/wood", {"names": {"es": "Madera"}})
    await staff.put(admin(post), TEXT)
    spanish = {"Accept-Language": "es"}
    listed = await client.get("/api/blog/posts", headers=spanish)
    assert (listed.json["items"][0]["title"], listed.headers["content-language"]) == ("Noticias", "es")
    assert listed.json["items"][0]["tags"] == [{"slug": "wood", "name": "Madera"}]
    assert "<title>Noticias</title>" in (await client.get("/blog/rss.xml", headers=spanish)).body.decode()
    sitemap = (await client.get("/sitemaps/blog-posts-0.xml")).body.decode()
    assert "/blog/noticias<" in sitemap
    assert "/blog/spring-news<" in sitemap


async def test_a_post_may_be_written_in_another_language_than_the_first(client, staff, write_post):
    post = await write_post("Noticias", locale="es", body="Uno.")
    text = {"title": "News", "body": "One.", "format": "markdown"}
    await staff.put(admin(post, "en"), text)
    assert (await read(client, "noticias", "en"))[0]["title"] == "News"
    assert (await read(client, "noticias", "es"))[0]["title"] == "Noticias"


@pytest.mark.parametrize("locale", ["fr", "en", "xx", "../x", "%00"])
async def test_only_the_other_languages_of_the_deployment_are_taken(staff, write_post, locale):
    post = await write_post()
    assert (await staff.put(admin(post, locale), TEXT)).status in (404, 422)
    assert (await staff.get(f"/api/admin/blog/posts/{post['id']}")).json["translations"] == {}


async def test_what_is_not_translated_cannot_be_taken_away(staff, write_post):
    assert (await staff.delete(admin(await write_post()))).status == 404


async def test_a_translation_without_words_for_search_engines_has_its_own(client, staff, write_post):
    post = await write_post(seo={"title": "English title", "description": "English words"})
    await staff.put(admin(post), TEXT)
    seo = (await read(client, "noticias", "es"))[0]["seo"]
    assert (seo["title"], seo["description"]) == ("Noticias", "Un texto.")
