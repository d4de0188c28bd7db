"""Photos of reviews: the author's own, bounded, kept as long as they are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from feria_core import db


async def holders() -> int:
    return int(await db.fetch_value("SELECT count(*) FROM catalog_media_use"))


async def test_a_photo_is_added_shown_and_removed(shop: Any, upload: Any, make_picture: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    await shop.deliver(ana, product)
    review = (await shop.write(ana, product)).json["id"]
    me = shop.client.as_customer(ana)
    added = await upload(me, review, make_picture(3, "JPEG"))
    assert (added.status, added.json["width"], added.json["height"]) == (201, 400, 300)
    assert (await upload(me, review, make_picture(3, "JPEG"))).status == 200
    (item,) = (await shop.seen(product, "?photos=true"))["items"]
    assert item["photos"] == [added.json]
    assert (await shop.client.get(added.json["url"])).headers["content-type"].startswith("image/")
    assert await holders() == 1
    path = f"/api/reviews/{review}/photos/{added.json['id']}"
    assert [(await me.delete(path)).status for _ in range(2)] == [204, 404]
    assert (await shop.seen(product))["items"][0]["photos"] == []
    assert await holders() == 0


async def test_no_more_photos_than_the_setting_says(
    shop: Any, upload: Any, make_picture: Any, choose: Callable[..., None]
) -> None:
    choose(max_photos=2)
    product, ana = await shop.product(), await shop.person()
    review = (await shop.write(ana, product)).json["id"]
    me = shop.client.as_customer(ana)
    replies = await asyncio.gather(*(upload(me, review, make_picture(shade)) for shade in range(4)))
    assert sorted(reply.status for reply in replies) == [201, 201, 409, 409]
    assert {reply.code for reply in replies if reply.status == 409} == {"too_many_photos"}
    assert await holders() == 2
    await me.delete(f"/api/reviews/{review}")
    assert await holders() == 0


async def test_what_is_no_picture_is_refused(shop: Any, upload: Any, make_picture: Any) -> None:
    product, ana = await shop.product(), await shop.person()
    review = (await shop.write(ana, product)).json["id"]
    me = shop.client.as_customer(ana)
    assert (await upload(me, review, b"<svg onload=alert(1)>")).status in (415, 422)
    assert (await upload(me, review, make_picture(), field="picture")).status == 422
    path = f"/api/reviews/{review}/photos"
    form = {"Content-Type": "multipart/form-data; boundary=cut"}
    assert (await me.post(path, {"file": "x"})).code == "unsupported_media_type"
    assert (await me.post(path, data=b"--cut--\r\n", headers=form)).code == "bad_request"
    assert (await me.post(path, data=b"nothing", headers=form)).code == "bad_request"
    assert (await upload(me, review, b"x" * 10_100_000)).code == "body_too_large"
    assert await db.fetch_value("SELECT count(*) FROM reviews_photo") == 0


async def test_nobody_adds_photos_to_anothers_review(shop: Any, upload: Any, make_picture: Any) -> None:
    review = await shop.published(await shop.product())
    other = shop.client.as_customer(await shop.person("Bo"))
    for known in (review, str(uuid4()), "none"):
        assert (await upload(other, known, make_picture())).code == "review_unknown"
    assert (await upload(shop.client, review, make_picture())).status == 401


async def test_a_photo_holds_the_review_where_the_shop_wants_to_look(
    shop: Any, upload: Any, make_picture: Any, choose: Callable[..., None]
) -> None:
    choose(hold_photos=True)
    product, ana = await shop.product(), await shop.person()
    await shop.deliver(ana, product)
    review = (await shop.write(ana, product)).json["id"]
    assert (await upload(shop.client.as_customer(ana), review, make_picture())).status == 201
    assert (await shop.seen(product))["summary"]["count"] == 0
    (held,) = (await shop.staff.get("/api/admin/reviews?status=pending")).json["items"]
    assert (held["held_by"], len(held["photos"])) == ("photo", 1)
