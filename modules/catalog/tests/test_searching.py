"""Mending, phrases, units, codes, synonyms, completions, the log; and that words are right after any change."""

from __future__ import annotations

import asyncio
import random
import string
from datetime import timedelta
from urllib.parse import quote

import pytest

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.search import checks, log, mending, terms
from feria_catalog.search.plan import parse
from feria_catalog.search.words import joined, words
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.clock import now
from feria_core.money import Money


async def searched(client, q, rest=""):
    reply = await client.get(f"/api/products?q={quote(q)}{rest}")
    assert reply.status == 200, (q, reply.body)
    return reply.json


async def found(client, q, rest=""):
    return [item["name"] for item in (await searched(client, q, rest))["items"]]


async def fill(*names, **wished):
    products = [
        ProductInput(name, (VariantInput(f"{name} {n}", Money(100, "USD"), stock=1),), **wished)
        for n, name in enumerate(names)
    ]
    async with db.transaction():
        await upsert_products(products, reason="test")


@pytest.fixture
async def keyboards(client, database):
    await fill(*(f"Wireless keyboard {n}" for n in range(25)), "Wired mouse", "Laptop bag", "Laptop sleeve")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("keybaord", "keyboard"),
        ("wireles keybord", "wireless keyboard"),
        ("Kexboard", "keyboard"),
        ("laptpo bag", "laptop bag"),
    ],
)
async def test_a_typo_is_mended_and_said(client, keyboards, typed, meant):
    answer = await searched(client, typed)
    assert answer["corrected_query"] == meant
    assert answer["total"] > 0


async def test_words_written_together_are_cut(client, database):
    await fill(*(f"Laptop bag {n}" for n in range(5)))
    answer = await searched(client, "laptopbag")
    assert (answer["corrected_query"], answer["total"]) == ("laptop bag", 5)


async def test_a_word_of_small_print_is_mended_where_its_neighbour_names_products(client, database):
    await fill(*(f"Usb stick {n}" for n in range(25)), description="Good value, in stock")
    assert (await searched(client, "usb stock"))["corrected_query"] == "usb stick"
    assert (await searched(client, "stock"))["corrected_query"] is None


async def test_what_is_known_or_nowhere_near_is_left_alone(client, keyboards):
    for typed in ("keyboard", "wireless", "mouse", "xylophone", "wireless xylophone"):
        assert (await searched(client, typed))["corrected_query"] is None


async def test_no_search_no_correction(client, keyboards):
    assert (await client.get("/api/products")).json["corrected_query"] is None


async def test_words_that_the_shop_knows_are_never_changed(client, database):
    """Whatever the words of a shop are: one that three products hold stands in the answer as it was typed."""
    dice = random.Random(7)
    known = ["".join(dice.choices("abc", k=dice.randrange(4, 7))) for _ in range(40)]
    await fill(*(f"{dice.choice(known)} {word} {n}" for word in known for n in range(3)))
    for word in known:
        assert (await searched(client, word))["corrected_query"] is None
        pair = f"{word} {dice.choice(known)}"
        assert (await searched(client, pair))["corrected_query"] is None


def test_distance_counts_a_swap_as_one_edit():
    assert mending.distance("mosue", "mouse", 2) == 1
    assert mending.distance("kitten", "sitting", 3) == 3
    assert mending.distance("abc", "xyz", 2) == 3


def test_edits_are_what_the_distance_says():
    dice = random.Random(3)
    for _ in range(50):
        word = "".join(dice.choices(string.ascii_lowercase, k=6))
        edit = dice.choice(sorted(mending.edits(word)))
        assert mending.distance(word, edit, 3) == 1
    assert "мышь" in mending.edits("мышт")


async def test_a_phrase_must_stand_together(client, database):
    await fill("Table lamp of oak", "Lamp for a table", "Oak table")
    assert await found(client, '"table lamp"') == ["Table lamp of oak"]
    assert set(await found(client, "table lamp")) == {"Table lamp of oak", "Lamp for a table", "Oak table"}
    assert await found(client, '"table lamp" pine') == ["Table lamp of oak"]


async def test_what_is_excluded_is_not_found(client, database):
    await fill("Red lamp", "Green lamp", "Table lamp")
    assert set(await found(client, "lamp -red")) == {"Green lamp", "Table lamp"}
    assert set(await found(client, 'lamp -"table lamp"')) == {"Green lamp", "Red lamp"}
    assert await found(client, "-red -green") != []


@pytest.mark.parametrize("q", ["16 gb", "16gb", "16-GB", "16 GB drive"])
async def test_units_are_found_however_they_are_written(client, database, q):
    await fill("Drive 16GB", "Drive 32 GB")
    assert (await found(client, q))[0] == "Drive 16GB"


def test_measures_and_joined_words():
    assert "13.3inch" in joined("13.3 inch laptop")
    assert words('a 13" screen') == ["a", "13", "inch", "screen"]
    assert "wifi" in joined("wi-fi router")


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("wifi", "Wi-Fi router"),
        ("wi fi", "Wi-Fi router"),
        ("wi-fi", "Wi-Fi router"),
        ("wd40efrx", "Disk WD40-EFRX"),
    ],
)
async def test_parts_are_found_apart_and_together(client, database, q, first):
    await fill("Wi-Fi router", "Disk WD40-EFRX", "Lamp")
    assert (await found(client, q))[0] == first


async def test_a_draft_is_found_by_staff_alone(client, staff, make_product):
    await make_product("Secret lamp", status="draft")
    assert await found(client, "secret") == []
    assert [p["name"] for p in (await staff.get("/api/admin/products?q=secret")).json["items"]] == ["Secret lamp"]


async def test_every_change_is_found_at_once(client, staff, make_product):
    product = await make_product("Oak table")
    assert await found(client, "oak") == ["Oak table"]
    await staff.patch(f"/api/admin/products/{product['id']}", {"name": "Pine bench"})
    assert await found(client, "oak") == []
    assert await found(client, "pine") == ["Pine bench"]
    await staff.delete(f"/api/admin/products/{product['id']}")
    assert await found(client, "pine") == []
    assert await checks.postings() == []


async def test_twenty_edits_at_once_leave_the_words_right(client, staff, make_product):
    made = [await make_product(f"Lamp {n} shared common words") for n in range(20)]
    replies = await asyncio.gather(
        *(
            staff.patch(
                f"/api/admin/products/{p['id']}", {"name": f"Chair {n} other shared words", "description": "common"}
            )
            for n, p in enumerate(made)
        )
    )
    assert {reply.status for reply in replies} == {200}
    assert await checks.postings() == []
    assert await found(client, "lamp") == []
    assert (await searched(client, "chair"))["total"] == 20


async def test_an_unchanged_product_writes_no_postings(client, staff, make_product):
    product = await make_product("Oak table")
    before = await db.fetch_value("SELECT changed_xid::text FROM catalog_search_entry")
    await staff.patch(f"/api/admin/products/{product['id']}", {"seo": {"title": "Other"}})
    assert await db.fetch_value("SELECT changed_xid::text FROM catalog_search_entry") == before


async def test_filters_keep_what_the_search_found(client, make_product):
    await make_product("Oak lamp", price=100)
    await make_product("Pine lamp", price=900)
    assert await found(client, "lamp", "&price_max=500") == ["Oak lamp"]
    assert await found(client, "lamp", "&sort=-price") == ["Pine lamp", "Oak lamp"]


async def test_cursors_of_others_are_refused(client, keyboards):
    page = (await client.get("/api/products?q=keyboard&limit=3")).json
    assert (await client.get(f"/api/products?limit=3&cursor={page['next_cursor']}")).status == 400
    other = (await client.get("/api/products?limit=3")).json["next_cursor"]
    assert (await client.get(f"/api/products?q=keyboard&cursor={other}")).status == 400


async def test_synonyms_go_one_way_or_both(client, staff, database):
    await fill("Grey sofa", "Flat panel television", "Couch cover")
    assert await found(client, "settee") == []
    reply = await staff.post("/api/admin/synonyms", {"term": "settee", "synonyms": ["sofa"], "two_way": False})
    assert reply.status == 201
    assert await found(client, "settee") == ["Grey sofa"]
    assert await found(client, "grey settee") == ["Grey sofa"]
    await staff.post("/api/admin/synonyms", {"term": "TV", "synonyms": ["flat panel television"]})
    assert await found(client, "tv") == ["Flat panel television"]
    synonym_id = reply.json["id"]
    again = await staff.post("/api/admin/synonyms", {"term": "Settee", "synonyms": ["couch"]})
    assert (again.status, again.code) == (409, "synonym_taken")
    assert (await staff.patch(f"/api/admin/synonyms/{synonym_id}", {"synonyms": ["couch"]})).status == 200
    assert await found(client, "settee") == ["Couch cover"]
    assert [s["term"] for s in (await staff.get("/api/admin/synonyms?limit=1")).json["items"]] == ["settee"]
    assert (await staff.delete(f"/api/admin/synonyms/{synonym_id}")).status == 204
    assert await found(client, "settee") == []
    assert (await staff.delete(f"/api/admin/synonyms/{synonym_id}")).status == 404
    audited = await db.fetch_all("SELECT action FROM core_audit WHERE object_type = 'synonym' ORDER BY id")
    assert [row["action"].rpartition(".")[2] for row in audited] == ["created", "created", "edited", "deleted"]


async def test_synonyms_need_words(staff, client, database):
    for body in (
        {"term": "!!!", "synonyms": ["a"]},
        {"term": "a", "synonyms": []},
        {"term": "a b c d e f", "synonyms": ["b"]},
    ):
        assert (await staff.post("/api/admin/synonyms", body)).status == 422
    assert (await client.get("/api/admin/synonyms")).status == 401


async def test_searches_without_hits_are_listed_with_what_was_meant(client, staff, keyboards):
    # An answer out of the response cache is not counted: the second search differs in its page.
    for q, rest in (("zzzyx", ""), ("zzzyx", "&limit=5"), ("keyboard", ""), ("keyboardist", "")):
        await searched(client, q, rest)
    items = (await staff.get("/api/admin/searches?without_hits=true")).json["items"]
    by_query = {item["query"]: item for item in items}
    assert (by_query["zzzyx"]["searches"], by_query["zzzyx"]["hits"]) == (2, 0)
    assert "keyboard" in by_query["keyboardist"]["proposals"]
    assert "keyboard" not in by_query
    everything = (await staff.get("/api/admin/searches?limit=1")).json
    assert len(everything["items"]) == 1
    following = (await staff.get(f"/api/admin/searches?limit=1&cursor={everything['next_cursor']}")).json
    assert following["items"][0]["query"] != everything["items"][0]["query"]
    assert (await client.get("/api/admin/searches")).status == 401


async def test_old_counts_are_deleted(client, keyboards):
    await searched(client, "keyboard")
    await log.flush()
    assert await log.sweep(now().date() + timedelta(days=1)) == 1


async def test_completions_know_what_others_searched(client, keyboards):
    await searched(client, "wireless keyboard")
    await log.flush()
    items = (await client.get("/api/products/suggest?q=wirel")).json["items"]
    assert items[0] == {"kind": "query", "text": "wireless keyboard", "slug": None}
    assert len(items) == 10
    assert all(item["kind"] == "product" and "keyboard" in item["text"].lower() for item in items[1:])


def test_what_was_typed_is_cut_into_parts():
    typed = parse('lamp "oak table" -red LC -ST')
    assert typed is not None
    assert typed.words == ("lamp", "lc", "st")
    assert typed.phrases == (("oak", "table"),)
    assert typed.excluded == (("red",),)
    assert parse(" ") is None


async def test_after_edits_the_order_is_what_it_is_where_all_is_loaded_anew(client, staff, make_product):
    (await terms.current())._forget()  # what is known of products of other tests
    dice, known = random.Random(3), ("oak", "lamp", "brass", "desk")
    made = [await make_product(f"Lamp {' '.join(dice.sample(known, 2))} {n}") for n in range(15)]
    await found(client, "oak lamp desk")
    for product in dice.sample(made, 8):
        body = {"name": " ".join(dice.sample(known, 2)), "description": " ".join(dice.choices(known, k=9))}
        assert (await staff.patch(f"/api/admin/products/{product['id']}", body)).status == 200
        followed = [await found(client, query) for query in ("oak lamp desk", "lamp", "brass")]
        kept = await terms.current()
        assert "lamp" in kept._kept
        kept._forget()
        assert followed == [await found(client, query, "&limit=19") for query in ("oak lamp desk", "lamp", "brass")]


async def test_words_that_are_kept_are_bounded_in_bytes_and_loaded_again(client, database, monkeypatch):
    names = ["oak lamp", "brass lamp", "oak desk", "linen curtain", "brass hook"]
    await fill(*names)
    for limit, most in enumerate((terms.MAX_BYTES, 15_000, 1), start=10):
        monkeypatch.setattr(terms, "MAX_BYTES", most)
        for name in names:
            assert (await found(client, name, f"&limit={limit}"))[0] == name
            kept = await terms.current()
            assert kept._bytes == sum(term.counted for term in kept._kept.values())
            assert kept._bytes <= most or len(kept._kept) <= 5  # those of one search are kept whatever they take
