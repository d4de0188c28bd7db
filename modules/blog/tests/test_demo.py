"""The demo blog: made once, in an empty blog, all of it valid."""

from feria_blog import checks, demo
from feria_core import db
from feria_core.testing.work import run_jobs


async def test_the_demo_fills_an_empty_blog_once(client, clock):
    assert await demo.load() == ["6 posts of the blog, one of them scheduled, one a draft"]
    assert await demo.load() == []
    listed = (await client.get("/api/blog/posts")).json
    assert listed["total"] == 4
    spanish = await client.get("/api/blog/posts", headers={"Accept-Language": "es"})
    assert "Cómo mantener joven una mesa aceitada" in [item["title"] for item in spanish.json["items"]]
    clock.move(days=8)
    assert (await client.get("/api/blog/posts")).json["total"] == 5
    assert await checks.post_slugs() == await checks.post_categories() == await checks.post_words() == []


async def test_the_products_of_the_demo_posts_are_those_of_the_demo_shop(client):
    from feria_catalog import demo as shop
    from feria_core.jobs import enqueue

    await demo.load()
    await shop.load()
    async with db.transaction():
        await enqueue("blog.resolve_mentions")
    await run_jobs()
    assert await db.fetch_value("SELECT count(*) FROM blog_mention WHERE product_id IS NULL") == 0
    post = (await client.get("/api/blog/posts/how-to-keep-an-oiled-table-young")).json
    assert [card["name"] for card in post["products"]] == ["Alder dining table"]
    page = await client.get(f"/api/products/{post['products'][0]['slug']}")
    assert page.status == 200, page.body
    assert [each["slug"] for each in page.json["mentioned_in"]] == [post["slug"]]


async def test_the_checks_of_the_doctor_find_what_is_broken(staff, write_post):
    await write_post()
    await staff.post("/api/admin/blog/categories", {"name": "News"})
    await db.execute("UPDATE blog_slug SET is_present = false")
    await db.execute("UPDATE blog_category SET path = ARRAY['x', slug]")
    await db.execute("DELETE FROM blog_posting WHERE term = 'spring'")
    assert len(await checks.post_slugs()) == len(await checks.post_categories()) == len(await checks.post_words()) == 1
