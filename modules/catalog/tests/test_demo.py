"""The demo shop and its pictures."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from feria_catalog import demo
from feria_catalog.pictures import KINDS, Motif, draw_all, draw_webp
from feria_core import db
from feria_core.runtime import core_settings


@pytest.mark.usefixtures("database")
async def test_an_empty_shop_is_filled_once() -> None:
    lines = await demo.load()
    assert lines == ["60 products in 27 categories"]
    assert await demo.load() == []
    assert await db.fetch_value("SELECT count(*) FROM catalog_product WHERE status = 'published'") == 60
    depths = await db.fetch_all("SELECT DISTINCT cardinality(path) AS depth FROM catalog_category ORDER BY 1")
    assert [row["depth"] for row in depths] == [1, 2]
    sold_out = await db.fetch_value(
        "SELECT count(*) FROM catalog_product p WHERE NOT EXISTS (SELECT FROM catalog_variant v"
        " JOIN catalog_stock s ON s.variant_id = v.id WHERE v.product_id = p.id AND s.on_hand > 0)"
    )
    assert sold_out == 1
    assert await db.fetch_value("SELECT count(*) FROM catalog_variant WHERE compare_at_amount > price_amount") >= 5


@pytest.mark.usefixtures("database")
async def test_every_demo_product_has_a_picture_on_disk() -> None:
    await demo.load()
    rows = await db.fetch_all("SELECT key, alt, width, height FROM catalog_media")
    assert len(rows) == 60
    for row in rows:
        with Image.open(core_settings().media_dir / row["key"]) as image:
            assert (image.format, *image.size) == ("WEBP", row["width"], row["height"])
        assert row["alt"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_picture_is_small_and_always_the_same(kind: str) -> None:
    first = draw_webp(kind, "#c9985f", "seed")
    assert len(first) <= 15 * 1024
    assert first == draw_webp(kind, "#c9985f", "seed")
    assert Image.open(io.BytesIO(first)).size == (800, 800)


def test_equal_motifs_share_a_file_and_seeds_tell_others_apart(tmp_path: Path) -> None:
    mug = Motif("mug", "#c9985f", "a", "A mug")
    first, same, other = draw_all([mug, mug, Motif("mug", "#c9985f", "b", "Another")], tmp_path)
    assert first == same
    assert first.key != other.key
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({first.key, other.key})
