"""Files and their rows: kept while something shows them, gone some time after, never a row without its file."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest
from PIL import Image

from feria_catalog.domain import MediaInput, ProductInput, VariantInput
from feria_catalog.media import registry as files_registry
from feria_catalog.media import store
from feria_catalog.media.checks import media as check
from feria_catalog.media.errors import StorageUnavailable
from feria_catalog.media.storage.chosen import storage
from feria_catalog.writing import upsert_products
from feria_core import clock, db
from feria_core.contracts.media import MEDIA, Media
from feria_core.errors import FeriaError
from feria_core.http.bodies import TooLarge
from feria_core.money import Money
from feria_core.runtime import registry


def png(shade):
    file = io.BytesIO()
    Image.new("RGB", (40, 20), (shade * 20, 10, 10)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def pictures(database) -> Media:
    return registry().get(MEDIA)


async def age(hours=25):
    await db.execute("UPDATE catalog_media_file SET touched_at = touched_at - $1::interval", timedelta(hours=hours))


async def is_stored(key):
    return await storage().size(key) is not None


async def test_other_modules_store_keep_and_release(pictures, client):
    image = await pictures.store_image(png(1))
    assert (image.url, image.width, image.height) == (f"/media/{image.key}", 40, 20)
    assert (await client.get(image.url)).status == 200
    async with db.transaction():
        await pictures.keep(image.key, holder="reviews.photo:1")
        await pictures.keep(image.key, holder="reviews.photo:1")
        await pictures.keep(image.key, holder="blog.post:2")
    await age()
    assert await store.sweep() == 0
    async with db.transaction():
        await pictures.release(holder="reviews.photo:1")
        await pictures.release(holder="reviews.photo:1")
    await age()
    assert await store.sweep() == 0
    async with db.transaction():
        await pictures.release(holder="blog.post:2")
    assert await store.sweep() == 0  # the grace time begins when the last one lets go
    await age()
    assert await store.sweep() == 1
    assert not await is_stored(image.key)
    assert (await client.get(image.url)).status == 404
    assert (await client.get(f"{image.url}?w=160")).status == 404
    with pytest.raises(StorageUnavailable):
        async with db.transaction():
            await pictures.keep(image.key, holder="blog.post:3")


async def test_the_port_has_the_rules_of_uploads(pictures):
    with pytest.raises(FeriaError) as refusal:
        await pictures.store_image(b"<svg/>")
    assert refusal.value.code == "unsupported_media_type"
    with pytest.raises(TooLarge):
        await pictures.store_image(b"\0" * (10 * 1024**2 + 1))


async def test_a_file_of_a_crashed_upload_is_swept(pictures):
    image = await pictures.store_image(png(2))
    await age(hours=23)
    assert await store.sweep() == 0
    await age(hours=2)
    assert await store.sweep() == 1
    assert not await is_stored(image.key)
    assert [key async for key in storage().keys("scaled") if image.key[:32] in key] == []


async def test_a_row_whose_file_never_came_is_swept(pictures):
    await files_registry.announce(files_registry.StoredFile("f" * 32 + ".webp", 1, 1, 1))
    await age()
    assert await store.sweep() == 1
    assert await db.fetch_value("SELECT count(*) FROM catalog_media_file") == 0


async def test_a_file_taken_into_use_while_it_is_chosen_for_sweeping_stays(pictures):
    image = await pictures.store_image(png(3))
    await age()
    async with db.transaction():
        await pictures.keep(image.key, holder="blog.post:1")
        assert await asyncio.create_task(store.sweep()) == 0
    assert await store.sweep() == 0
    assert await is_stored(image.key)


async def test_an_upload_waits_for_the_sweep_of_the_same_picture(pictures, monkeypatch):
    monkeypatch.setattr(files_registry, "TOUCH_PAUSE_S", 0.02)
    image = await pictures.store_image(png(4))
    await age()
    assert list(await files_registry.doom(clock.now(), limit=10)) == [image.key]
    with pytest.raises(StorageUnavailable):
        async with db.transaction():
            await pictures.keep(image.key, holder="blog.post:1")
    monkeypatch.setattr(files_registry, "TOUCH_TRIES", 2)
    with pytest.raises(StorageUnavailable):
        await pictures.store_image(png(4))
    monkeypatch.setattr(files_registry, "TOUCH_TRIES", 500)
    again, _ = await asyncio.gather(pictures.store_image(png(4)), store.remove(image.key))
    assert again.key == image.key
    assert await is_stored(image.key)


async def test_a_sweep_that_died_is_finished_later_or_undone(pictures):
    image = await pictures.store_image(png(5))
    await age()
    await files_registry.doom(clock.now(), limit=10)
    await storage().delete(image.key)
    await db.execute("UPDATE catalog_media_file SET doomed_at = doomed_at - interval '1 hour'")
    assert (await pictures.store_image(png(5))).key == image.key
    assert await is_stored(image.key)
    await age()
    await files_registry.doom(clock.now(), limit=10)
    await db.execute("UPDATE catalog_media_file SET doomed_at = doomed_at - interval '1 hour'")
    assert await store.sweep() == 1


async def test_a_hundred_sweeps_and_uploads_at_once_leave_no_row_without_its_file(pictures):
    async def use(n):
        image = await pictures.store_image(png(6))
        async with db.transaction():
            await pictures.keep(image.key, holder=f"blog.post:{n}")
        return image.key

    async def churn():
        for _ in range(25):
            async with db.transaction():
                await pictures.release(holder="blog.post:0")
            await age()
            await store.sweep()

    results = await asyncio.gather(churn(), *(use(0) for _ in range(6)), return_exceptions=True)
    assert all(isinstance(result, str | StorageUnavailable | None) for result in results), results
    for row in await db.fetch_all("SELECT key FROM catalog_media_use"):
        assert await is_stored(row["key"])


async def test_an_import_keeps_what_stays_the_same(pictures):
    image, other = await pictures.store_image(png(7)), await pictures.store_image(png(8))

    async def write(*shown):
        media = tuple(MediaInput(each.key, alt, each.width, each.height) for each, alt in shown)
        product = ProductInput("Chair", (VariantInput("C-1", Money(100, "USD")),), media=media)
        async with db.transaction():
            await upsert_products([product], reason="test")
        return await db.fetch_all("SELECT id, key, alt, focal_x FROM catalog_media ORDER BY position")

    first = await write((image, "a"), (image, "b"))
    assert [(row["key"], row["alt"]) for row in first] == [(image.key, "b")]
    await db.execute("UPDATE catalog_media SET focal_x = 0.5, focal_y = 0.5")
    second = await write((other, "o"), (image, "c"))
    assert [(row["key"], row["alt"]) for row in second] == [(other.key, "o"), (image.key, "c")]
    assert (second[1]["id"], float(second[1]["focal_x"])) == (first[0]["id"], 0.5)
    await write((other, "o"))
    await age()
    assert await store.sweep() == 1
    assert await is_stored(other.key)
    assert not await is_stored(image.key)


async def test_the_doctor_finds_pictures_without_their_file(pictures):
    image = await pictures.store_image(png(9))
    async with db.transaction():
        await pictures.keep(image.key, holder="blog.post:1")
    assert await check() == []
    await storage().delete(image.key)
    [told] = await check()
    assert image.key in told


async def test_the_job_sweeps(pictures):
    from feria_core.jobs import enqueue
    from feria_core.testing.work import run_jobs

    await pictures.store_image(png(10))
    await age()
    async with db.transaction():
        await enqueue("catalog.sweep_media")
    await run_jobs()
    assert await db.fetch_value("SELECT count(*) FROM catalog_media_file") == 0
