"""A catalog of any size, made from 19,406 real products, always the same one for a seed.

Each made product begins as a real one, drawn evenly, so brands, categories, prices, words and attributes keep their
real frequencies; it is then recombined with others of its category: the second half of its title is another's, one
attribute in five has another's value, and its description is a third one's. Its price moves by up to a fifth. So
there are a million products, but no million copies of twenty thousand: no title or set of attributes comes often.

The real products are test data that is not part of this repository (../shared/data/product_search); without them a
vocabulary whose words are as frequent as Zipf's law says makes products of the same shape.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feria_catalog.domain import ProductInput, VariantInput

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "data" / "product_search" / "products.jsonl.gz"
MAP = ROOT / "tests" / "data" / "product_search.toml"
BATCH = 500
# Of the synthetic vocabulary.
WORDS, BRANDS, CATEGORIES, ATTRIBUTES = 20_000, 160, 60, 300


def generated(count: int, *, seed: int = 1, start: int = 0) -> Iterator[ProductInput]:
    """Give the products number `start` to `start + count`; the same ones whatever is asked for before."""
    real = real_products() or synthetic_products()
    by_category: dict[tuple[str, ...], list[ProductInput]] = defaultdict(list)
    for product in real:
        by_category[product.category_path].append(product)
    for number in range(start, start + count):
        dice = random.Random(seed * 1_000_000_007 + number)
        base = dice.choice(real)
        yield _recombined(base, by_category[base.category_path], number, dice)


def real_products() -> list[ProductInput]:
    """Return the real products; none where their file is not there."""
    from feria_catalog.importing.mapping import load_map
    from feria_catalog.importing.reader import Reader

    if not REAL.exists():
        return []
    reader = Reader(REAL, currency="USD", mapping=load_map(MAP))
    try:
        return [parsed.product for parsed in reader if parsed.product is not None]
    finally:
        reader.close()


def synthetic_products(count: int = 20_000) -> list[ProductInput]:
    """Return products of made-up words, the nth of which is as frequent as 1/n."""
    from feria_catalog.domain import ProductInput, VariantInput
    from feria_core.contracts.money import Money

    dice = random.Random(5)
    words = ["".join(dice.choices("aeioubdfglmnprst", k=dice.randrange(3, 10))) for _ in range(WORDS)]

    def zipf(items: Sequence[str], k: int) -> list[str]:
        return dice.choices(items, [1 / (n + 1) for n in range(len(items))], k=k)

    made = []
    for number in range(count):
        category = dice.randrange(CATEGORIES)
        codes = {min(int(dice.paretovariate(0.6)), ATTRIBUTES) for _ in range(30)}
        made.append(
            ProductInput(
                name=" ".join(zipf(words, 6)).capitalize(),
                description=" ".join(zipf(words, 30)),
                brand=f"Brand {min(int(dice.paretovariate(0.8)), BRANDS)}",
                category_path=(f"Branch {category % 10}", f"Twig {category}"),
                attributes={f"attribute {code}": words[min(int(dice.paretovariate(0.7)), 2000)] for code in codes},
                variants=(VariantInput(f"S-{number}", Money(dice.randrange(100, 90_000), "USD"), stock=number % 40),),
            )
        )
    return made


async def fill(count: int, *, start: int = 0, seed: int = 1) -> None:
    """Write the products through the catalog's own bulk writer, each batch in a transaction of its own."""
    from feria_catalog.writing import upsert_products
    from feria_core import db

    batch: list[ProductInput] = []
    for product in generated(count, seed=seed, start=start):
        batch.append(product)
        if len(batch) == BATCH:
            await _write(batch)
            batch = []
    async with db.transaction():
        await upsert_products(batch, reason="benchmark")
    await db.execute("ANALYZE")


async def _write(batch: Sequence[ProductInput]) -> None:
    from feria_catalog.writing import upsert_products
    from feria_core import db

    async with db.transaction():
        await upsert_products(batch, reason="benchmark")


def _recombined(base: ProductInput, others: Sequence[ProductInput], number: int, dice: random.Random) -> ProductInput:
    title, values, text = dice.choice(others), dice.choice(others), dice.choice(others)
    mine, theirs = base.name.split(), title.name.split()
    name = " ".join(mine[: (len(mine) + 1) // 2] + theirs[(len(theirs) + 1) // 2 :])
    attributes = {
        key: values.attributes[key] if key in values.attributes and dice.random() < 0.2 else value
        for key, value in base.attributes.items()
    }
    return replace(
        base,
        name=name[:200],
        slug=f"made-{number}",
        description=text.description,
        attributes=attributes,
        variants=(_variant(base.variants[0], number, dice),),
        media=(),
    )


def _variant(base: VariantInput, number: int, dice: random.Random) -> VariantInput:
    from feria_core.contracts.money import Money

    price = Money(max(1, int(base.price.amount * dice.uniform(0.8, 1.2))), base.price.currency)
    barcode = f"{2_000_000_000_000 + number}"
    return replace(base, sku=f"MADE-{number}", price=price, compare_at_price=None, barcode=barcode)
