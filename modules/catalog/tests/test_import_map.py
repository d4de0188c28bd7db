"""Foreign files, read through a map."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from feria_catalog.domain import ProductInput
from feria_catalog.importing.drafts import Parsed
from feria_catalog.importing.errors import BadMap, NotAProductFile
from feria_catalog.importing.mapping import load_map
from feria_catalog.importing.reader import Reader

MINIMAL = '[product]\nname = "title"\n[variant]\nsku = "id"\n[price]\nfield = "cost"\n'
SAMPLE_MAP = Path(__file__).parents[3] / "tests" / "data" / "product_search.toml"


def read(folder: Path, toml: str, content: str) -> list[Parsed]:
    (folder / "map.toml").write_text(toml)
    (folder / "source").write_text(content)
    reader = Reader(folder / "source", currency="USD", mapping=load_map(folder / "map.toml"))
    try:
        return list(reader)
    finally:
        reader.close()


def products(folder: Path, toml: str, *objects: object) -> list[ProductInput]:
    found = read(folder, toml, "".join(orjson.dumps(each).decode() + "\n" for each in objects))
    assert [p for item in found for p in item.problems] == []
    return [item.product for item in found if item.product]


def test_fields_are_found_by_name_and_inside_objects(tmp_path: Path) -> None:
    toml = """
        [product]
        name = "title"
        description = "text.long"
        brand = "maker"
        [variant]
        sku = "id"
        barcode = "ean"
        weight_g = "weight"
        [price]
        field = "cents"
        unit = "minor"
        currency_field = "currency"
        [attributes]
        object = "specs"
        without = ["secret"]
        fields = { model = "model_no" }
        [category]
        field = "tree"
        separator = "/"
    """
    (found,) = products(
        tmp_path, toml,
        {"title": "Lamp", "text": {"long": "Bright."}, "maker": "Lumen", "id": 7, "ean": "123", "weight": 250,
         "cents": 1999, "currency": "USD", "specs": {"Socket type": "E27", "secret": 1, "watt": 4.5}, "model_no": "L-1",
         "tree": "Light/Desk"},
    )  # fmt: skip
    assert (found.name, found.description, found.brand) == ("Lamp", "Bright.", "Lumen")
    assert found.category_path == ("Light", "Desk")
    assert {code: str(value) for code, value in found.attributes.items()} == {
        "socket_type": "E27", "watt": "4.5", "model": "L-1",
    }  # fmt: skip
    variant = found.variants[0]
    assert (variant.sku, variant.barcode, variant.weight_g, variant.price.amount) == ("7", "123", 250, 1999)


def test_the_first_rule_with_a_whole_word_decides_the_category(tmp_path: Path) -> None:
    toml = (
        MINIMAL
        + """
        [category]
        keywords_in = ["title"]
        default = "Other"
        [[category.rules]]
        path = "Bags"
        any = ["laptop bag"]
        [[category.rules]]
        path = "Computers > Laptops"
        any = ["Laptop", "notebook"]
        [[category.rules]]
        path = "Lights"
        has = ["watt"]
    """
    )
    titles = ["Black LAPTOP-bag, 15 inch", "Laptop 15", "Laptops", "Thing"]
    found = products(
        tmp_path, toml, *({"title": t, "id": t, "cost": "1"} for t in titles),
        {"title": "X", "id": "X", "cost": "1", "watt": 5},
    )  # fmt: skip
    paths = [product.category_path for product in found]
    assert paths == [("Bags",), ("Computers", "Laptops"), ("Other",), ("Other",), ("Lights",)]


def test_stock_by_hash_is_the_same_every_time_and_within_its_range(tmp_path: Path) -> None:
    rows = [{"title": "T", "id": f"sku-{n}", "cost": "1"} for n in range(300)]
    toml = MINIMAL + "[stock]\nhash_min = 3\nhash_max = 9\n"
    first, second = ([p.variants[0].stock for p in products(tmp_path, toml, *rows)] for _ in range(2))
    assert first == second
    assert set(first) == set(range(3, 10))


def test_fixed_stock_fills_only_what_the_source_leaves_open(tmp_path: Path) -> None:
    toml = MINIMAL + '[stock]\nfield = "left"\nfixed = 50\n'
    found = products(
        tmp_path, toml, {"title": "A", "id": "A", "cost": "1", "left": 2}, {"title": "B", "id": "B", "cost": "1"}
    )
    assert [product.variants[0].stock for product in found] == [2, 50]


def test_a_missing_price_is_refused_or_replaced_by_the_default_of_the_map(tmp_path: Path) -> None:
    row = '{"title": "A", "id": "A"}\n'
    (refused,) = read(tmp_path, MINIMAL, row)
    assert [problem.code for problem in refused.problems] == ["missing_price"]
    (found,) = read(tmp_path, MINIMAL + "default = 500\n", row)
    assert found.product is not None
    assert found.product.variants[0].price.amount == 500


def test_decimal_prices_keep_every_digit(tmp_path: Path) -> None:
    (found,) = read(tmp_path, MINIMAL, '{"title": "A", "id": "A", "cost": 4503599627370.97}\n')
    assert found.product is not None
    assert found.product.variants[0].price.amount == 450359962737097


def test_neighbours_of_one_group_become_variants(tmp_path: Path) -> None:
    toml = MINIMAL.replace('name = "title"', 'name = "title"\ngroup = "style"') + '[variant.options]\ncolour = "hue"\n'
    toml = toml.replace("[variant]\nsku", "[variant]\nsku")
    rows = [{"title": "Shirt", "id": hue, "cost": "9", "style": 12, "hue": hue} for hue in ("red", "blue")]
    (found,) = products(tmp_path, toml, *rows)
    assert [dict(variant.options) for variant in found.variants] == [{"colour": "red"}, {"colour": "blue"}]


def test_a_column_that_the_map_names_must_be_in_the_header(tmp_path: Path) -> None:
    with pytest.raises(NotAProductFile, match="'cost'"):
        read(tmp_path, MINIMAL, "title,id\nA,1\n")


@pytest.mark.parametrize(
    "toml",
    [
        "",
        "not toml",
        MINIMAL + "[stok]\n",
        MINIMAL + "[stock]\nhash_min = 9\nhash_max = 1\n",
        MINIMAL + "[stock]\nhash_min = 9\n",
        MINIMAL + "[stock]\nfixed = -1\n",
        MINIMAL + '[[category.rules]]\npath = "A"\n',
        MINIMAL + 'unit = "float"\n',
    ],
)
def test_a_map_that_is_none_is_refused_with_its_key(tmp_path: Path, toml: str) -> None:
    with pytest.raises(BadMap):
        read(tmp_path, toml, '{"title": "A"}\n')


def test_the_sample_map_reads_a_product_of_its_source(tmp_path: Path) -> None:
    (found,) = products(
        tmp_path, SAMPLE_MAP.read_text(),
        {"id": "1399", "sku": "80", "title": "HP 80 Original Cyan", "description": "Ink", "brand": "HP",
         "price_cents": 12595, "released": "2006-07-01", "ean": "0882780756328",
         "attributes": {"ink_type": "Dye-based ink", "width": 56.0}},
    )  # fmt: skip
    assert found.category_path == ("Printing", "Ink")
    assert found.variants[0].price.amount == 12595
    assert found.attributes["model"] == "80"
    assert 0 <= (found.variants[0].stock or 0) <= 40
