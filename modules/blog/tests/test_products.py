"""Products in posts, live; posts on the pages of products."""

from datetime import timedelta

import pytest

from feria_core import db
from feria_core.contracts.catalog import PRODUCTS
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs


@pytest.fixture
def sell(staff):
    async def make(name="Oak table", amount=19900, **more):
        variant = {"sku": name.upper().replace(" ", "-"), "price": {"amount": amount, "currency": "USD"}, "stock": 5}
        body = {"name": name, "status": "published", "variants": [variant], **more}
        reply = await staff.post("/api/admin/products", body)
        assert reply.status == 201, reply.body
        return reply.json

    return make


async def shown(client, slug="spring-news"):
    return (await client.get(f"/api/blog/posts/{slug}")).json


async def mentions(client, product="oak-table"):
    reply = await client.get(f"/api/products/{product}")
    assert reply.status == 200, reply.body
    return [post["slug"] for post in reply.json["mentioned_in"]]


async def test_a_block_holds_the_card_of_its_product_and_the_answer_the_data(client, sell, write_post):
    await sell()
    await write_post(body="Look:\n\n[[product:oak-table]]\n\nNice.")
    post = await shown(client)
    assert post["html"] == (
        '<p>Look:</p>\n<div class="product-block" data-products="oak-table">'
        '<a class="product-card" href="/products/oak-table"><span class="product-card-name">Oak table</span>'
        '<span class="product-card-price">$199.00</span></a></div>\n<p>Nice.</p>\n'
    )
    assert [(card["slug"], card["price"]["amount"]) for card in post["products"]] == [("oak-table", 19900)]


async def test_several_stand_in_one_block_in_html_too(client, sell, write_post):
    await sell()
    await sell("Pine chair")
    await write_post(body="<p>[[products: pine-chair, oak-table]]</p>", format="html")
    post = await shown(client)
    assert [card["slug"] for card in post["products"]] == ["pine-chair", "oak-table"]
    assert post["html"].count('class="product-card"') == 2


async def test_a_block_shows_the_present_price_at_once(client, staff, sell, write_post):
    product = await sell()
    await write_post(body="[[product:oak-table]]")
    assert "$199.00" in (await shown(client))["html"]
    variant = {"sku": "OAK-TABLE", "price": {"amount": 9900, "currency": "USD"}}
    await staff.patch(f"/api/admin/products/{product['id']}", {"variants": [variant]})
    assert "$99.00" in (await shown(client))["html"]


async def test_a_product_that_is_unknown_hidden_or_taken_back_leaves_an_empty_place(client, staff, sell, write_post):
    product = await sell()
    await sell("Draft chair", status="draft")
    await write_post(body="[[product:oak-table]]\n\n[[products:nothing, draft-chair]]")
    post = await shown(client)
    assert [card["slug"] for card in post["products"]] == ["oak-table"]
    assert '<div class="product-block" data-products="nothing draft-chair"></div>' in post["html"]
    await staff.patch(f"/api/admin/products/{product['id']}", {"status": "draft"})
    assert (await shown(client))["products"] == []


async def test_a_product_that_is_made_later_stands_in_its_place_at_once(client, sell, write_post):
    await write_post(body="[[product:oak-table]]")
    assert (await shown(client))["products"] == []
    await sell()
    assert len((await shown(client))["products"]) == 1


async def test_a_product_appears_in_a_post_at_its_second(client, clock, sell, write_post):
    await write_post(body="[[product:oak-table]]")
    await sell(publish_at=(clock.at + timedelta(seconds=10)).isoformat())
    assert (await shown(client))["products"] == []
    clock.move(seconds=10)
    assert len((await shown(client))["products"]) == 1


async def test_a_renamed_product_stays_in_its_place_though_another_takes_the_slug(client, staff, sell, write_post):
    product = await sell()
    await write_post(body="[[product:oak-table]]")
    await staff.patch(f"/api/admin/products/{product['id']}", {"slug": "oak-desk", "version": product["version"]})
    assert [card["slug"] for card in (await shown(client))["products"]] == ["oak-desk"]
    await sell("Other table", slug="oak-table")
    assert [card["slug"] for card in (await shown(client))["products"]] == ["oak-desk"]
    assert await mentions(client, "oak-desk") == ["spring-news"]


async def test_code_that_shows_how_it_is_written_is_left_as_it_is(client, write_post):
    await write_post(body="    [[product:oak-table]]\n\nor `[[product:oak-table]]` in a line [[product:x]].")
    post = await shown(client)
    assert "product-block" not in post["html"]
    assert post["html"].count("[[product:") == 3


async def test_nobody_writes_a_block_by_hand(client, sell, write_post):
    await sell()
    await write_post(body='<div class="product-block" data-products="oak-table"></div>', format="html")
    post = await shown(client)
    assert (post["products"], post["html"]) == ([], "<div></div>")


async def test_the_name_of_a_product_is_text_in_a_block(client, sell, write_post):
    await sell('<img src=x onerror="alert(1)">', slug="evil")
    await write_post(body="[[product:evil]]")
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in (await shown(client))["html"]


async def test_without_a_catalog_nothing_breaks(client, write_post, monkeypatch):
    offers = registry()._offers
    monkeypatch.setitem(offers, PRODUCTS.name, [])
    await write_post(body="[[product:oak-table]]")
    post = await shown(client)
    assert (post["products"], post["html"]) == (
        [],
        '<div class="product-block" data-products="oak-table"></div>\n',
    )


async def test_a_product_lists_the_posts_that_mention_it_and_follows_their_changes(client, staff, sell, write_post):
    await sell()
    assert await mentions(client) == []
    first = await write_post("First", body="[[product:oak-table]]")
    assert await mentions(client) == ["first"]
    await write_post("Second", body="[[product:oak-table]]")
    assert set(await mentions(client)) == {"second", "first"}
    await staff.patch(f"/api/admin/blog/posts/{first['id']}", {"body": "No more."})
    assert await mentions(client) == ["second"]
    await staff.post("/api/admin/blog/posts/second/unpublish")
    assert await mentions(client) == []
    await staff.post("/api/admin/blog/posts/second/publish")
    assert await mentions(client) == ["second"]
    await staff.delete("/api/admin/blog/posts/second")
    assert await mentions(client) == []


async def test_a_scheduled_post_stands_on_the_product_at_its_second(client, clock, sell, write_post):
    await sell()
    await write_post(body="[[product:oak-table]]", publish_at=(clock.at + timedelta(seconds=5)).isoformat())
    assert await mentions(client) == []
    clock.move(seconds=4.9)
    assert await mentions(client) == []
    clock.move(seconds=0.1)
    assert await mentions(client) == ["spring-news"]


async def test_a_product_that_is_made_later_lists_its_posts_once_the_job_has_run(client, sell, write_post):
    from feria_core.jobs import enqueue

    await write_post(body="[[product:oak-table]]")
    await sell()
    assert await mentions(client) == []
    async with db.transaction():
        await enqueue("blog.resolve_mentions")
    await run_jobs()
    assert await mentions(client) == ["spring-news"]


async def test_a_mention_in_a_translation_counts(client, staff, sell, write_post):
    await sell()
    post = await write_post()
    text = {"title": "Noticias", "body": "[[product:oak-table]]", "format": "markdown"}
    await staff.put(f"/api/admin/blog/posts/{post['id']}/translations/es", text)
    assert await mentions(client) == ["spring-news"]
    spanish = await client.get("/api/blog/posts/spring-news", headers={"Accept-Language": "es"})
    assert "199,00" in spanish.json["html"]


async def test_a_post_shows_so_many_products_at_most(client, write_post):
    slugs = [f"p-{number}" for number in range(100)]
    blocks = "\n\n".join(f"[[products:{','.join(slugs[start : start + 10])}]]" for start in range(0, 100, 10))
    post = await write_post(body=blocks)
    assert len(post["products"]) == 60
