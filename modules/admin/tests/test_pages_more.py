"""What else the pages do: files, parts, CSV, many at once, one's account, figures, modules."""

from __future__ import annotations

import gzip
import io
import re
from html import unescape
from typing import Any

import pyotp
import pytest
from PIL import Image

from feria_admin.pages.browsing import filters_of
from feria_admin.pages.fields import Field, fields_of
from feria_admin.pages.glossary import GLOSSARY
from feria_core import db
from feria_core.contracts.admin import ADMIN_SECTIONS, AdminSection
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs

PASSWORD = "the first owner of it"
PRODUCTS = "/admin/s/products"
KNOWN_BY_NAME = {"alt", "q", "sku", "slug", "id"}


async def made(browser: Any, name: str = "Oak clock", sku: str = "OAK-1", **values: str) -> str:
    typed = {"name": name, "variants.0.sku": sku, "variants.0.price": "19.90", "variants.0.price.currency": "USD",
             "variants.0.stock": "5", "variants.rows": "3", "status": "draft", **values}  # fmt: skip
    answer = await browser.submit(f"{PRODUCTS}/new", **typed)
    assert answer.status == 303, answer.text
    return str(answer.location.partition("?")[0])


async def test_a_product_is_made_with_its_variants_and_each_is_changed(staff_browser: Any) -> None:
    browser = await staff_browser()
    page = await made(browser, **{"variants.1.sku": "OAK-2", "variants.1.price": "29.90"})
    shown = (await browser.get(page)).text
    assert all(text in shown for text in ("OAK-1", "OAK-2", "$19.90", "$29.90"))
    edit = unescape(re.findall(r'href="([^"]*/p/variants/[^"]*/variant)"', shown)[1])
    changed = await browser.submit(edit, sku="OAK-2", price="31.50")
    assert changed.status == 303, changed.text
    assert "$31.50" in (await browser.get(page)).text
    wrong = await browser.submit(edit, sku="OAK-1", price="1.00")
    assert wrong.status == 409
    assert 'value="OAK-1"' in wrong.text


async def test_more_rows_are_asked_for_and_what_was_typed_is_kept(staff_browser: Any) -> None:
    browser = await staff_browser()
    more = await browser.submit(
        f"{PRODUCTS}/new", name="Kept <b>", more="variants", **{"variants.0.sku": "K-1", "variants.rows": "3"}
    )
    assert more.status == 200
    assert 'value="Kept &lt;b&gt;"' in more.text
    assert 'name="variants.5.sku"' in more.text
    assert 'value="K-1"' in more.text
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == 0
    huge = await browser.submit(f"{PRODUCTS}/new", name="x", **{"variants.rows": "9" * 30})
    assert huge.status == 422


def uploaded(csrf: str, content: bytes, name: str = 'clock".png') -> bytes:
    parts = [f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'.encode()]
    parts.append(b'--b\r\nContent-Disposition: form-data; name="alt"\r\n\r\nA clock\r\n')
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    return b"".join([*parts, head.encode(), content, b"\r\n--b--\r\n"])


async def upload(browser: Any, path: str, body: bytes) -> Any:
    headers = {"Origin": "http://localhost", "Content-Type": "multipart/form-data; boundary=b"}
    return await browser._open("POST", path, body, headers)


async def test_a_picture_is_uploaded_and_what_is_none_is_refused(staff_browser: Any) -> None:
    browser = await staff_browser()
    page = await made(browser)
    path = f"{page}/p/media/picture"
    csrf = (await browser.get(path)).hidden("csrf")
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), (1, 90, 80)).save(buffer, "PNG")
    taken = await upload(browser, path, uploaded(csrf, buffer.getvalue(), "clock.png"))
    assert taken.status == 303, taken.text
    assert "A clock" in (await browser.get(page)).text
    assert (await upload(browser, path, uploaded(csrf, b"no picture"))).status in (400, 415, 422)
    assert (await upload(browser, path, uploaded("wrong", buffer.getvalue()))).status == 403
    assert (await upload(browser, path, b"--b\r\nnonsense")).status in (400, 403)
    without = await browser.submit(path, alt="x")
    assert without.status == 422
    assert "Choose a file" in without.text


async def test_a_file_is_imported(staff_browser: Any) -> None:
    browser = await staff_browser()
    path = "/admin/s/imports/new"
    csrf = (await browser.get(path)).hidden("csrf")
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\nContent-Type: text/csv\r\n\r\n'
    part = f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'
    body = f"{part}{head}name,sku,price\nPear,P-1,1.50\r\n--b--\r\n".encode()
    taken = await upload(browser, path, body)
    assert taken.status in (200, 303), taken.text
    await run_jobs()
    assert "Done" in (await browser.get("/admin/s/imports")).text


async def test_lists_are_exported_as_they_are_filtered(staff_browser: Any) -> None:
    browser = await staff_browser()
    for number in range(3):
        await made(browser, f"Clock {number}", f"C-{number}")
    await made(browser, "=cmd()", "D-1", status="published")
    every = await browser.get(f"{PRODUCTS}/export.csv")
    assert every.status == 200
    assert "attachment" in every.headers["Content-Disposition"]
    lines = every.text.strip().split("\r\n")
    assert len(lines) == 5
    assert "'=cmd()" in every.text
    assert "19.90,USD" in every.text
    some = await browser.get(f"{PRODUCTS}/export.csv?status=published")
    assert len(some.text.strip().split("\r\n")) == 2
    assert (await browser.get(f"{PRODUCTS}/export.csv?status=nonsense")).status in (200, 400, 422)


async def test_many_are_done_at_once(staff_browser: Any) -> None:
    browser = await staff_browser()
    keys = [(await made(browser, f"Clock {number}", f"C-{number}")).rpartition("/")[2] for number in range(3)]
    listed = await browser.get(PRODUCTS)
    assert listed.text.count('name="keys"') == 3
    csrf = listed.hidden("csrf")
    sent = {"csrf": csrf, "act": "archive", "keys": "\n".join(keys[:2])}
    asked = await browser.send(f"{PRODUCTS}/bulk", sent)
    assert asked.status == 200, asked.text
    assert "Chosen: 2." in asked.text
    begun = await browser.send(f"{PRODUCTS}/bulk", {**sent, "sure": "true"})
    assert begun.status == 303, begun.text
    await run_jobs()
    shown = (await browser.get(begun.location)).text
    assert "2 / 2" in shown, shown
    states = await db.fetch_all("SELECT status FROM catalog_product ORDER BY status")
    assert sorted(row["status"] for row in states) == ["archived", "archived", "draft"]
    assert begun.location in (await browser.get("/admin/bulk")).text
    assert (await browser.send(f"{PRODUCTS}/bulk", {"csrf": csrf, "act": "nothing", "keys": "x"})).status == 404
    assert (await browser.send(f"{PRODUCTS}/bulk", {"csrf": "x", "act": "archive", "keys": "x"})).status == 403


async def test_the_second_factor_is_set_up_and_then_asked_for(staff_browser: Any, clock: Any) -> None:
    browser = await staff_browser()
    wrong = await browser.submit("/admin/me", password="x")
    assert wrong.status in (404, 405)
    csrf = (await browser.get("/admin/me")).hidden("csrf")
    assert (await browser.send("/admin/me/otp", {"csrf": csrf, "password": "wrong"})).status in (401, 403, 409, 422)
    begun = await browser.send("/admin/me/otp", {"csrf": csrf, "password": PASSWORD})
    assert begun.status == 200, begun.text
    kept = {"csrf": csrf, "secret": begun.hidden("secret")}
    again = await browser.send("/admin/me/otp/confirm", {**kept, "code": "000000"})
    assert again.hidden("secret") == kept["secret"]
    code = pyotp.TOTP(kept["secret"]).at(clock.at)
    done = await browser.send("/admin/me/otp/confirm", {**kept, "code": code})
    assert done.status == 200, done.text
    assert "Recovery codes" in done.text
    browser.cookies.clear()
    assert (await browser.sign_in()).status == 401


async def test_whose_role_needs_the_factor_gets_to_the_account_alone(staff_browser: Any) -> None:
    browser = await staff_browser("audit.read")
    await db.execute("UPDATE users_role SET requires_otp = true WHERE name = 'some'")
    browser.cookies.clear()
    signed_in = await browser.sign_in()
    assert (signed_in.status, signed_in.location) == (303, "/admin/me")
    assert "A role of yours needs the second factor" in (await browser.get("/admin/me")).text
    assert (await browser.get("/admin/s/audit-log")).status == 404


async def test_home_analytics_and_modules_show_what_is(staff_browser: Any) -> None:
    browser = await staff_browser()
    await made(browser)
    home = (await browser.get("/admin?period=7d")).text
    assert "Average order" in home
    assert 'class="chart"' in home
    reports = await browser.get("/admin/analytics")
    assert reports.status == 200
    for name in re.findall(r'href="/admin/analytics/([a-z_-]+)"', reports.text):
        assert (await browser.get(f"/admin/analytics/{name}?interval=week")).status == 200, name
    assert (await browser.get("/admin/analytics/sales?tz=Mars")).status == 422
    assert (await browser.get("/admin/analytics/nothing")).status == 404
    table = await browser.get("/admin/analytics/sales/export.csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert ">catalog<" in (await browser.get("/admin/modules")).text
    assert (await browser.get("/admin/r/recommendation-report")).status == 200
    assert (await browser.get("/admin/r/nothing")).status == 404


async def test_without_their_permissions_these_pages_are_not_there(staff_browser: Any) -> None:
    browser = await staff_browser("audit.read")
    for path in (
        "/admin/analytics",
        "/admin/analytics/sales",
        "/admin/modules",
        "/admin/bulk",
        f"{PRODUCTS}/export.csv",
    ):
        assert (await browser.get(path)).status == 404, path
    home = (await browser.get("/admin")).text
    assert "/admin/analytics" not in home
    assert "/admin/modules" not in home


async def test_the_home_page_weighs_little(staff_browser: Any) -> None:
    browser = await staff_browser()
    page = await browser.get("/admin")
    weight = len(gzip.compress(page.text.encode()))
    files = set(re.findall(r'"(/admin/static/[^"]+)"', page.text))
    assert len(files) == 5
    for address in files:
        content = (await browser.get(address)).text
        assert content, address
        weight += len(gzip.compress(content.encode()))
    assert weight < 200 * 1024, weight


@pytest.mark.usefixtures("staff_browser")
async def test_every_field_has_its_name_in_spanish(staff_browser: Any, client: Any) -> None:
    await staff_browser()
    lacking: set[str] = set()
    async with client.app.app_context():
        for section in registry().all(ADMIN_SECTIONS):
            titles = {column.path for column in (*section.columns, *section.details)}
            for each in _fields(section):
                name = each.name.rpartition(".")[2]
                if each.name not in titles and name not in GLOSSARY["es"] and each.kind != "version":
                    lacking.add(f"{section.name}: {each.name}")
    assert not lacking


def _fields(section: AdminSection) -> list[Field]:
    from feria_admin.pages.drawn import route

    found: list[Field] = list(filters_of(section))
    of_parts = [act for part in section.parts for act in (part.create, part.edit, *part.acts)]
    for act in (section.create, section.edit, *section.acts, *of_parts):
        spec = route(act.method, act.path) if act else None
        for each in fields_of(spec.body, act.fields) if act and spec and spec.body else ():
            found += [each, *each.inner]
    return found
