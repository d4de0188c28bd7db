"""Files of products, read: what each row becomes, and what is said of rows and files that cannot be used."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from feria_catalog.importing import limits
from feria_catalog.importing.drafts import Parsed
from feria_catalog.importing.errors import BrokenFile, NotAProductFile
from feria_catalog.importing.reader import Reader
from feria_core.money import Money

HEADER = "name,sku,price\n"


def read(path: Path, content: str | bytes, *, currency: str = "USD", skip_rows: int = 0) -> list[Parsed]:
    path /= "products"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    reader = Reader(path, currency=currency, skip_rows=skip_rows)
    try:
        return list(reader)
    finally:
        reader.close()


def codes(parsed: list[Parsed]) -> list[str]:
    return [problem.code for item in parsed for problem in item.problems]


def test_rows_with_one_key_are_variants_of_one_product(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "product,name,brand,category,sku,price,stock,option.size,attr.seats,attr.material,attr.foldable\n"
        "oak,Oak table,Acme,Furniture > Tables,OAK-160,199.00,5,160,6,Oak | Steel,false\n"
        "oak,,,,OAK-200,249.5,0,200,,,\n"
        "mug,Mug,,,MUG,7.25,,,,,\n",
    )
    table, mug = (item.product for item in found)
    assert table is not None
    assert mug is not None
    assert table.category_path == ("Furniture", "Tables")
    assert dict(table.attributes) == {"seats": 6, "material": ["Oak", "Steel"], "foldable": False}
    assert [(v.sku, v.price, v.stock, dict(v.options)) for v in table.variants] == [
        ("OAK-160", Money(19900, "USD"), 5, {"size": "160"}),
        ("OAK-200", Money(24950, "USD"), 0, {"size": "200"}),
    ]
    assert mug.status == "published"
    assert mug.variants[0].stock is None


@pytest.mark.parametrize(
    ("currency", "written", "amount"),
    [("USD", "19.99", 1999), ("USD", "0.1", 10), ("USD", "5", 500), ("JPY", "1980", 1980), ("KWD", "1.234", 1234)],
)
def test_a_decimal_price_has_the_exponent_of_its_currency(
    tmp_path: Path, currency: str, written: str, amount: int
) -> None:
    (found,) = read(tmp_path, f"{HEADER}Mug,M,{written}\n", currency=currency)
    assert found.product is not None
    assert found.product.variants[0].price == Money(amount, currency)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Mug,M,19.999", "invalid_price"),
        ("Mug,M,-1", "negative_price"),
        ("Mug,M,1e3", "invalid_price"),
        ("Mug,M,NaN", "invalid_price"),
        ("Mug,M,$5", "invalid_price"),
        ("Mug,M,\u0663", "invalid_price"),
        ('Mug,M,"1,50"', "invalid_price"),
        ("Mug,M,10000000000000.01", "price_too_large"),
        ("Mug,M,", "missing_price"),
        (",M,1", "missing_name"),
        ("Mug,,1", "missing_sku"),
        ("Mug,a\x00b,1", "nul_character"),
        (f"{'x' * (limits.NAME + 1)},M,1", "too_long"),
        ("Mug,M", "wrong_cell_count"),
        ("Mug,M,1,2", "wrong_cell_count"),
    ],
)
def test_a_bad_row_is_named_by_line_and_the_next_is_read(tmp_path: Path, row: str, code: str) -> None:
    found = read(tmp_path, f"{HEADER}{row}\nBowl,B,2\n")
    assert [(p.line, p.code) for p in found[0].problems] == [(2, code)]
    assert found[1].product is not None
    assert found[1].product.name == "Bowl"


def test_text_that_is_not_utf8_is_a_problem_of_its_row(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER.encode() + "Café,C,1\n".encode("latin-1") + "Té,T,1\n".encode())
    assert codes(found) == ["not_utf8"]
    assert found[1].product is not None


def test_a_quote_that_never_closes_ends_at_a_bound_and_not_the_import(tmp_path: Path) -> None:
    filler = "".join(f"Mug,M{number},1\n" for number in range(40_000))
    found = read(tmp_path, f'{HEADER}"Open,X,1\n{filler}')
    assert codes(found) == ["malformed_row"]
    assert len(found) > 1000


def test_a_line_without_end_is_skipped_in_bounded_memory(tmp_path: Path) -> None:
    long = "x" * (3 * limits.LINE_BYTES)
    assert codes(read(tmp_path, f"{HEADER}{long}\nMug,M,1\n")) == ["line_too_long"]
    found = read(tmp_path, '{"name": "A", "variants": [{"sku": "A", "price": "1"}]}\n{"name": "' + long + '"}\n')
    assert codes(found) == ["line_too_long"]


def test_a_product_with_a_bad_row_is_left_out_whole(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "product,name,sku,price,option.size\n"
        "t,Table,T1,1,S\nt,,T2,zero,M\nt,,T3,3,L\n"
        "u,Urn,U1,1,S\nu,Other,U2,1,M\n"
        "v,Vase,V1,1,S\nv,,V1,1,M\n"
        "w,Wok,W1,1,S\nw,,W2,1,S\n",
    )
    assert [item.product for item in found] == [None] * 4
    assert codes(found) == ["invalid_price", "contradicting_rows", "duplicate_sku", "duplicate_options"]
    assert [item.rows for item in found] == [3, 2, 2, 2]


def test_an_unreadable_row_inside_a_product_counts_to_it_and_after_it_does_not(tmp_path: Path) -> None:
    found = read(tmp_path, "product,name,sku,price\nt,T,1,1\nbroken\nt,,2,1\nu,U,3,1\nbroken\nv,V,4,1\n")
    assert [(item.rows, item.product.name if item.product else None) for item in found] == [
        (3, None), (1, "U"), (1, None), (1, "V"),
    ]  # fmt: skip


def test_semicolons_tabs_and_a_byte_order_mark_are_understood(tmp_path: Path) -> None:
    for delimiter in (";", "\t"):
        content = "\ufeff" + f"{HEADER}Mug,M,1.50\n".replace(",", delimiter)
        (found,) = read(tmp_path, content)
        assert found.product is not None
        assert found.product.variants[0].price.amount == 150


def test_json_lines_have_the_shape_of_the_staff_body(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '{"name": "Table", "category": "Furniture > Tables", "attributes": {"width": 1.60, "seats": 6, "tags": ["a"], '
        '"sold": true, "none": null}, "status": "draft", "variants": [{"sku": "T", '
        '"price": {"amount": 1999, "currency": "USD"}, "compare_at_price": "25.00", "stock": 3, '
        '"options": {"size": "M"}}]}\n'
        "\n"
        "not json\n"
        "[1]\n"
        '{"name": "X", "variants": [{"sku": "X", "price": {"amount": 1, "currency": "EUR"}}]}\n'
        '{"name": "X", "variants": [{"sku": "X", "price": 19.99}]}\n'
        '{"name": "X", "variants": []}\n'
        '{"name": "X", "surprise": 1, "variants": [{"sku": "X", "price": "1"}]}\n'
        '{"name": "a\\u0000b", "variants": [{"sku": "X", "price": "1"}]}\n'
        '{"name": "X", "variants": [{"sku": "X", "price": "1", "stock": 1e400}]}\n'
        '{"name": "X", "attributes": {"a": {"b": 1}}, "variants": [{"sku": "X", "price": "1"}]}\n'
         '{"name": ' + "[" * 5000 + "\n",
    )  # fmt: skip
    table = found[0].product
    assert table is not None
    assert table.status == "draft"
    assert dict(table.attributes) == {"width": Decimal("1.6"), "seats": 6, "tags": ["a"], "sold": True}
    assert table.variants[0].compare_at_price == Money(2500, "USD")
    assert [(p.line, p.code) for item in found for p in item.problems] == [
        (3, "malformed_row"), (4, "malformed_row"), (5, "wrong_currency"), (6, "invalid_price"),
        (7, "too_many_variants"), (8, "unknown_field"), (9, "nul_character"), (10, "invalid_stock"),
        (11, "invalid_text"), (12, "malformed_row"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"PK\x03\x04rest of a workbook",
        b"\xff\xfen\x00a\x00",
        b"%PDF-1.7",
        b'[{"name": "Mug"}]',
        b"<html></html>",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"just a sentence\n",
        b"name,sku\nMug,M\n",
        b"name,sku,price,stok\nMug,M,1,2\n",
        b"name,sku,price,price\nMug,M,1,2\n",
        b'{"name":\n"Mug"}\n',
        gzip.compress(b"neither nor", mtime=0),
    ],
)
def test_a_file_that_is_none_of_products_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotAProductFile) as refusal:
        read(tmp_path, content)
    assert refusal.value.detail.endswith(".")


def test_a_misspelt_column_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(NotAProductFile, match="'stok' is not known: did you mean 'stock'"):
        read(tmp_path, "name,sku,price,stok\n")


def test_a_compressed_file_is_known_by_content_and_a_cut_one_is_told(tmp_path: Path) -> None:
    content = (HEADER + "".join(f"Mug {n},M{n},{n}\n" for n in range(5000))).encode()
    packed = gzip.compress(content)
    assert len(read(tmp_path, packed)) == 5000
    with pytest.raises(BrokenFile):
        read(tmp_path, packed[: len(packed) // 2])


def test_reading_goes_on_after_the_rows_that_are_done(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER}A,1,1\nB,2,2\nC,3,3\n", skip_rows=2)
    assert [(item.line, item.product.name if item.product else None) for item in found] == [(4, "C")]
