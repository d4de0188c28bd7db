"""Signing in to the staff's pages: cookies, the second factor, forms of others, the end of a session."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pyotp
import pytest

from feria_core import db
from feria_core.runtime import core_settings
from feria_users.service.staff import create_staff

SIGN_IN = "/admin/sign-in"
EMAIL, PASSWORD = "owner@example.org", "the first owner of it"


async def test_who_is_not_signed_in_is_sent_to_sign_in(browser: Any) -> None:
    for path in ("/admin", "/admin/s/orders", "/admin/s/orders/i/1/cancel", "/admin/nowhere"):
        answer = await browser.get(path)
        assert (answer.status, answer.location) == (303, SIGN_IN), path
    page = await browser.get(SIGN_IN)
    assert page.status == 200
    assert 'lang="en"' in page.text
    assert 'lang="es"' in (await browser.get(SIGN_IN, **{"Accept-Language": "es"})).text.partition("<head>")[0]


async def test_the_cookie_is_hidden_from_scripts_and_other_sites(staff_browser: Any) -> None:
    browser = await staff_browser()
    answer = await browser.sign_in()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("feria-admin=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "Secure" not in cookie


async def test_with_https_the_cookie_is_secure_and_of_this_host(
    staff_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await staff_browser()
    https = core_settings().model_copy(update={"public_url": "https://localhost"})
    monkeypatch.setattr("feria_admin.pages.visits.core_settings", lambda: https)
    cookie = (await browser.sign_in()).headers["Set-Cookie"]
    assert cookie.startswith("__Host-feria-admin=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))


async def test_neither_the_id_nor_the_tokens_stand_in_the_table(staff_browser: Any) -> None:
    browser = await staff_browser()
    row = await db.fetch_value("SELECT s::text FROM admin_page_session s")
    assert browser.cookies["feria-admin"] not in row
    assert "ey" not in row


async def test_a_wrong_password_says_what_the_api_says_and_keeps_the_address(browser: Any) -> None:
    await create_staff(email=EMAIL, password=PASSWORD)
    answer = await browser.sign_in(password='wrong"><script>')
    assert (answer.status, browser.cookies) == (401, {})
    assert "The e-mail or the password is wrong" in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert "<script>" not in answer.text.replace("<script src", "")


async def test_customers_have_no_pages(browser: Any) -> None:
    await create_staff(email=EMAIL, password=PASSWORD)
    await db.execute("DELETE FROM users_staff")
    answer = await browser.sign_in()
    assert (answer.status, browser.cookies) == (403, {})
    assert "for staff" in answer.text
    assert await db.fetch_value("SELECT count(*) FROM admin_page_session") == 0


async def test_the_second_factor_is_asked_for(browser: Any, client: Any, clock: Any) -> None:
    await create_staff(email=EMAIL, password=PASSWORD)
    tokens = (await client.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})).json
    person = client.signed_in(tokens["access_token"])
    phone = pyotp.TOTP((await person.post("/api/users/me/otp", {"password": PASSWORD})).json["secret"])
    assert (await person.post("/api/users/me/otp/confirm", {"code": phone.at(clock.at)})).status == 200
    clock.move(seconds=60)
    without = await browser.sign_in()
    assert (without.status, browser.cookies) == (401, {})
    assert "A one-time code is needed" in without.text
    assert (await browser.sign_in(otp="000000")).status == 401
    assert (await browser.sign_in(otp=phone.at(clock.at))).location == "/admin"
    assert (await browser.get("/admin")).status == 200


async def test_forms_of_other_sites_and_other_sessions_are_refused(staff_browser: Any) -> None:
    browser = await staff_browser()
    csrf = (await browser.get("/admin")).hidden("csrf")
    for sent, headers in (
        ({}, {}),
        ({"csrf": "0" * 64}, {}),
        ({"csrf": csrf}, {"Origin": "https://evil.example"}),
        ({"csrf": csrf}, {"Origin": "null"}),
        ({"csrf": csrf}, {"Sec-Fetch-Site": "cross-site"}),
        ({"csrf": csrf}, {"Sec-Fetch-Site": "same-site"}),
    ):
        refused = await browser.send("/admin/sign-out", sent, **headers)
        assert refused.status == 403, (sent, headers)
        made = await browser.send("/admin/s/testimonials/new", {**sent, "author": "x", "quote": "y"}, **headers)
        assert made.status == 403
    assert (await browser.send(SIGN_IN, {}, Origin="https://evil.example")).status == 403
    assert (await browser.get("/admin")).status == 200
    assert await db.fetch_value("SELECT count(*) FROM landing_testimonial") == 0


async def test_signing_out_ends_the_session_here_and_at_the_api(staff_browser: Any) -> None:
    browser = await staff_browser()
    kept = dict(browser.cookies)
    out = await browser.send("/admin/sign-out", {"csrf": (await browser.get("/admin")).hidden("csrf")})
    assert (out.status, out.location, browser.cookies) == (303, SIGN_IN, {})
    browser.cookies.update(kept)
    assert (await browser.get("/admin")).status == 303
    assert await db.fetch_value("SELECT count(*) FROM admin_page_session") == 0
    assert await db.fetch_value("SELECT count(*) FROM users_session WHERE revoked_at IS NULL") == 0


async def test_a_session_that_ended_at_the_api_is_sent_to_sign_in_and_back(staff_browser: Any) -> None:
    browser = await staff_browser()
    await db.execute("DELETE FROM users_session")
    answer = await browser.get("/admin/s/testimonials?status=pending")
    assert answer.status == 303
    assert answer.location == f"{SIGN_IN}?over=1&next=%2Fadmin%2Fs%2Ftestimonials%3Fstatus%3Dpending"
    page = await browser.get(answer.location)
    assert "Your session has ended" in page.text
    assert page.hidden("next") == "/admin/s/testimonials?status=pending"


async def test_nobody_is_sent_to_another_site(browser: Any) -> None:
    for target in ("https://evil.example", "//evil.example", "/\\evil.example", "/admin/../x", "javascript:1"):
        page = await browser.get(f"{SIGN_IN}?next={target}")
        assert page.hidden("next") == "/admin", target


async def test_tokens_are_renewed_when_due_and_idle_sessions_end(staff_browser: Any, clock: Any) -> None:
    browser = await staff_browser()
    before = await db.fetch_value("SELECT sealed FROM admin_page_session")
    clock.move(minutes=20)
    assert (await browser.get("/admin")).status == 200
    assert await db.fetch_value("SELECT sealed FROM admin_page_session") != before
    assert await db.fetch_value("SELECT used_at FROM admin_page_session") == clock.at
    clock.move(seconds=timedelta(hours=2, minutes=1).total_seconds())
    assert (await browser.get("/admin")).status == 303


async def test_every_page_has_the_strict_policies(staff_browser: Any) -> None:
    browser = await staff_browser()
    for path in (SIGN_IN, "/admin", "/admin/s/testimonials", "/admin/nowhere", "/admin/s/testimonials/new"):
        page = await browser.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; script-src 'self';"), path
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert " style=" not in page.text
        assert "<style" not in page.text
        assert " onclick" not in page.text


async def test_the_first_page_is_light(browser: Any) -> None:
    page = await browser.get(SIGN_IN)
    weight = len(page.text)
    for name in ("admin.css", "htmx.min.js"):
        address = page.text.partition(f"/admin/static/{name}?")[2].partition('"')[0]
        file = await browser.get(f"/admin/static/{name}?{address}")
        assert "immutable" in file.headers["Cache-Control"]
        weight += len(file.text)
    assert weight < 100_000
    assert (await browser.get("/admin/static/..%2fsessions.py")).status in (303, 404)
    assert (await browser.get("/admin/static/htmx.LICENSE.txt")).status == 404


@pytest.mark.parametrize("path", ["/admin/sign-in", "/admin"])
async def test_all_that_a_first_page_loads_is_at_most_200_kilobytes_compressed(staff_browser: Any, path: str) -> None:
    browser = await staff_browser()
    if path == SIGN_IN:
        browser.cookies.clear()
    page = await browser.get(path)
    assert page.status == 200
    names = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="(/[^"]+)"', page.text)
    assert len(names) >= 3, names
    weight = len(gzip.compress(page.text.encode()))
    for name in names:
        file = await browser.get(unescape(name))
        assert file.status == 200, name
        weight += len(gzip.compress(file.text.encode()))
    assert weight <= 200 * 1024, weight


async def test_the_language_is_chosen_and_kept(staff_browser: Any) -> None:
    browser = await staff_browser()
    assert (await browser.get("/admin/language/es")).location == "/admin"
    page = await browser.get("/admin/s/testimonials")
    assert "Testimonios" in page.text
    assert "Salir" in page.text
    await browser.get("/admin/language/xx")
    assert "Salir" in (await browser.get("/admin")).text
