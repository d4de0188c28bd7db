"""The staff's pages hold: nobody is shut out by them (axe-core), and nothing that others wrote runs in them."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from buyers import buy
from chromium import DESKTOP, PHONE, Pages, chromium
from shop import RunningShop, running_shop

from feria_core._internal.migrations import connect

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1800)]
AXE, CACHE = "axe-core@4.14.1", Path.home() / ".cache" / "feria-tests"
DATA = Path(__file__).parents[3] / "shared" / "data"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SOME = (
    "/admin/sign-in", "/admin", "/admin/me", "/admin/modules", "/admin/s/orders", "/admin/s/products",
    "/admin/s/products/new", "/admin/s/promotions/new", "/admin/s/roles/new", "/admin/s/reviews",
)  # fmt: skip
# Each row gets another string, so that one look at a list tries as many as it has rows.
PLACES = (
    ("users_account", "name"), ("landing_contact", "name"), ("landing_contact", "subject"),
    ("landing_contact", "message"), ("reviews_review", "title"), ("reviews_review", "text"),
    ("reviews_review", "author_name"), ("catalog_product", "name"), ("catalog_variant", "sku"),
    ("blog_post", "title"), ("orders_order", "note"), ("core_job", "last_error"), ("promotions_promotion", "name"),
)  # fmt: skip
LENGTHS = {"sku": 40, "name": 80, "author_name": 60, "title": 100}
LOOKED_AT = (
    "/admin", "/admin/s/customers", "/admin/s/contacts", "/admin/s/reviews", "/admin/s/products", "/admin/s/posts",
    "/admin/s/orders", "/admin/s/jobs?state=dead", "/admin/s/promotions", "/admin/s/stock-movements",
    "/admin/s/flash-sales/new",
)  # fmt: skip
WATCH = """
window.ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'eval']) window[name] = (...told) => window.ran.push(name);
"""
FOUND = """
const wrong = [...window.ran];
for (const each of document.querySelectorAll('*')) {
  for (const {name, value} of each.attributes) {
    if (name.startsWith('on')) wrong.push(`${each.tagName} ${name}`);
    const leads = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data'].includes(name);
    if (leads && /^\\s*(javascript|vbscript|data:text)/i.test(value)) wrong.push(`${each.tagName} ${name}=${value}`);
  }
}
for (const each of document.querySelectorAll('script')) {
  if (!each.src.includes('/admin/static/')) wrong.push(each.outerHTML);
}
for (const each of document.querySelectorAll('iframe, object, embed, base, style')) wrong.push(each.outerHTML);
return wrong;
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("hold")
    with running_shop(folder / "data", folder / "log") as running:
        buy(running, "ana@example.org")
        message = {"name": "Ana", "email": "ana@example.org", "subject": "A table", "message": "Do you deliver?"}
        running.http.post("/api/contact", message)
        yield running


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, from npm, kept in a cache folder."""
    file = CACHE / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm here to fetch axe-core with")
        CACHE.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--ignore-scripts", "--prefix", str(CACHE), "--no-audit", "--no-fund", AXE],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"npm could not fetch axe-core: {done.stderr[-300:]}")
    return file.read_text(encoding="utf-8")


def violations(pages: Pages, axe: str) -> list[str]:
    pages.driver.execute_script(axe)
    script = (
        "const done = arguments[arguments.length - 1];"
        "axe.run({runOnly: {type: 'tag', values: arguments[0]}}).then((found) => done(found.violations))"
    )
    found: list[dict[str, Any]] = pages.driver.execute_async_script(script, TAGS)
    return [
        f"{pages.path}: {each['id']}: {each['help']}: {each['nodes'][0]['html'][:300]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("size", "is_dark"),
    [
        pytest.param(DESKTOP, False, id="light"),
        pytest.param(PHONE, True, id="dark phone"),
    ],
)
def test_some_pages_shut_nobody_out(shop: RunningShop, axe: str, size: tuple[int, int], is_dark: bool) -> None:
    with chromium(shop.http.base, size, is_dark=is_dark) as pages:
        walk(pages, axe, SOME if not is_dark else SOME[1:6:2])


@pytest.mark.soak
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_no_page_shuts_anybody_out(shop: RunningShop, axe: str, size: tuple[int, int], is_dark: bool) -> None:
    with chromium(shop.http.base, size, is_dark=is_dark) as pages:
        pages.sign_in()
        places = pages.places()
        assert len(places) > 100
        walk(pages, axe, places)


def walk(pages: Pages, axe: str, places: Any) -> None:
    pages.open("/admin/sign-in")
    wrong = violations(pages, axe)
    pages.sign_in()
    for path in places:
        pages.open(path)
        wrong += violations(pages, axe)
        if pages.is_too_wide():
            wrong.append(f"{path}: one has to scroll sideways")
    assert not wrong, "\n".join(wrong)


def hostile() -> list[str]:
    """Return the strings of the shared collections, or a few where these are not here."""
    files = sorted(DATA.glob("xss/dev_*.jsonl"))
    if not files:
        return ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(2)>", "javascript:alert(3)", "{{7*7}}"]
    found = [
        json.loads(line)["payload"] for file in files for line in file.read_text(encoding="utf-8").split("\n") if line
    ]
    found += json.loads((DATA / "naughty" / "blns.json").read_text(encoding="utf-8"))
    clean = (each.replace("\x00", "").encode("utf-8", "ignore").decode() for each in found)
    return [each for each in dict.fromkeys(clean) if each]


async def put(shop: RunningShop, strings: Iterator[str]) -> None:
    url = json.loads((shop.data / "servers.json").read_text(encoding="utf-8"))["database_url"]
    connection = await connect(url)
    try:
        for table, column in PLACES:
            for row in await connection.fetch(f"SELECT ctid::text AS place FROM {table} LIMIT 60"):
                text = next(strings)
                value = text[: LENGTHS.get(column, 190)]
                if column == "sku":
                    value += row["place"]
                await connection.execute(
                    f"UPDATE {table} SET {column} = $1 WHERE ctid = $2::text::tid", value, row["place"]
                )
        await connection.execute(
            "INSERT INTO core_job (id, name, queue, arguments, state, attempt, max_attempts, finished_at, last_error)"
            " VALUES (gen_random_uuid(), 'core.sweep', 'default', '{}', 'dead', 8, 8, now(), $1)", next(strings),
        )  # fmt: skip
    finally:
        await connection.close()


@pytest.mark.parametrize("rounds", [1, pytest.param(12, marks=pytest.mark.soak)])
def test_what_others_wrote_executes_nothing(shop: RunningShop, rounds: int) -> None:
    strings = itertools.cycle(hostile())
    with chromium(shop.http.base) as pages:
        pages.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        pages.sign_in()
        for _ in range(rounds):
            asyncio.run(put(shop, strings))
            for path in LOOKED_AT:
                pages.open(path)
                assert not pages.driver.execute_script(FOUND), path
                links = pages.driver.execute_script(
                    "return [...document.querySelectorAll('#results td.leading a')].slice(0, 3).map((a) => a.pathname)"
                )
                for link in links:
                    pages.open(link)
                    assert not pages.driver.execute_script(FOUND), link
                    assert "Something went wrong" not in pages.text, link
