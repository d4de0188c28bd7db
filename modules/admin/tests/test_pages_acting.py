"""The banner over every page while one acts for a customer, and its button."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from feria_admin.pages.cells import moment
from feria_core import db
from feria_users.repository import accounts

ANA = "ana@example.org"


@pytest.fixture
async def customer(client: Any, clock: Any) -> str:
    """A customer's id."""
    sent = {"email": ANA, "password": "correct horse battery", "name": "Ana <b>Mora</b>"}
    assert (await client.post("/api/auth/register", sent)).status == 202
    await db.execute("UPDATE users_account SET email_verified_at = now() WHERE email = $1", ANA)
    row = await accounts.by_email(ANA)
    assert row is not None
    return str(row["id"])


async def begun(staff_browser: Any, customer: str) -> Any:
    browser = await staff_browser()
    page = f"/admin/s/customers/i/{customer}"
    assert f'href="{page}/act_as"' in (await browser.get(page)).text
    answer = await browser.submit(f"{page}/act_as")
    assert answer.status == 200, answer.text
    assert "Access token" in answer.text
    return browser, answer


async def test_the_banner_says_for_whom_and_until_when_on_every_page(
    staff_browser: Any, customer: str, clock: Any
) -> None:
    browser, answer = await begun(staff_browser, customer)
    until = moment((clock.at + timedelta(minutes=15)).isoformat(), "en")
    for page in (
        answer,
        await browser.get("/admin"),
        await browser.get("/admin/s/orders"),
        await browser.get(f"/admin/s/customers/i/{customer}/edit"),
        await browser.get("/admin/analytics/sales"),
        await browser.get("/admin/nowhere"),
    ):
        banner = page.text.partition('class="note ask acting"')[2].partition("</section>")[0]
        assert f"You act as <strong>{ANA}</strong> (Ana &lt;b&gt;Mora&lt;/b&gt;) until" in banner
        assert f">{until} UTC</time>" in banner


async def test_its_button_ends_it_and_one_is_back_on_the_page(staff_browser: Any, customer: str) -> None:
    browser, answer = await begun(staff_browser, customer)
    token = re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", answer.text)
    assert token is not None
    page = await browser.get("/admin/s/orders?status=open")
    assert "acting" in page.text
    sent = {name: page.hidden(name) for name in ("csrf", "customer_id", "next")}
    assert (await browser.send("/admin/acting/end", {**sent, "csrf": "x"})).status == 403
    ended = await browser.send("/admin/acting/end", sent)
    assert (ended.status, ended.location) == (303, "/admin/s/orders?status=open"), ended.text
    assert 'class="note ask acting"' not in (await browser.get("/admin")).text
    headers = {"Authorization": f"Bearer {token[0]}"}
    gone = await browser.app.test_client().get("/api/users/me", headers=headers)
    assert gone.status_code == 401
    actions = await db.fetch_all("SELECT action FROM core_audit WHERE object_id = $1 ORDER BY id", customer)
    assert [row["action"] for row in actions][-2:] == ["customer.acted_as", "customer.acting_ended"]
    assert (await browser.send("/admin/acting/end", sent)).status == 303
    assert (await browser.send("/admin/acting/end", {**sent, "customer_id": "../x"})).status == 404


async def test_the_act_is_for_those_who_may(staff_browser: Any, customer: str) -> None:
    browser = await staff_browser("users.read", "users.write")
    page = f"/admin/s/customers/i/{customer}"
    assert "act_as" not in (await browser.get(page)).text
    csrf = (await browser.get("/admin")).hidden("csrf")
    sent = {"csrf": csrf, "customer_id": customer}
    assert (await browser.send("/admin/acting/end", sent)).status == 404


async def test_it_is_said_in_spanish_too(staff_browser: Any, customer: str) -> None:
    browser, _ = await begun(staff_browser, customer)
    await browser.get("/admin/language/es")
    page = (await browser.get("/admin")).text
    assert f"Actúa como <strong>{ANA}</strong>" in page
    assert "Dejar de actuar como este cliente" in page
