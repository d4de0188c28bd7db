"""Sections drawn and worked with: what a module declares becomes lists, forms and acts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from feria_core import db
from feria_core.contracts.admin import ADMIN_SECTIONS, Act, AdminSection, Column
from feria_core.runtime import registry

LIST = "/admin/s/testimonials"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>"
    """" onmouseover="alert(3)" x='{{ 7*7 }}' javascript:alert(4)"""
)
KINDS = ("text", "number", "money", "moment", "status", "flag", "image", "html", "json")


def declare(section: AdminSection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let some other module declare a section, for this test alone."""
    known = registry()._offers
    monkeypatch.setitem(known, ADMIN_SECTIONS.name, list(known[ADMIN_SECTIONS.name]))
    registry().contribute(ADMIN_SECTIONS, section, module="another")


async def made(browser: Any, **values: str) -> str:
    answer = await browser.submit(f"{LIST}/new", **{"author": "Ana", "quote": "Good.", "status": "pending", **values})
    assert answer.status == 303, answer.text
    return str(answer.location.partition("?")[0])


async def test_a_thing_is_made_seen_changed_and_deleted(staff_browser: Any) -> None:
    browser = await staff_browser()
    assert "Nobody has said anything yet." in (await browser.get(LIST)).text
    page = await made(browser, company="Café & Co", rating="5")
    shown = await browser.get(f"{page}?done=create")
    assert "Café &amp; Co" in shown.text
    assert "New testimonial: done." in shown.text
    changed = await browser.submit(f"{page}/edit", author="Berta", quote="Good.", company="", status="published")
    assert (changed.status, changed.location) == (303, f"{page}?done=edit"), changed.text
    row = await db.fetch_one("SELECT author, company, rating, status FROM landing_testimonial")
    assert row is not None
    assert (row["author"], row["company"], row["status"]) == ("Berta", "", "published")
    listed = (await browser.get(LIST)).text
    assert "Berta" in listed
    assert (await browser.submit(f"{page}/delete")).location == f"{LIST}?done=delete"
    assert await db.fetch_value("SELECT count(*) FROM landing_testimonial WHERE author = 'Berta'") == 0
    actions = await db.fetch_all("SELECT actor_kind FROM core_audit WHERE object_type LIKE '%estimonial%'")
    assert [row["actor_kind"] for row in actions] == ["staff"] * 3


async def test_what_is_not_touched_is_not_sent(staff_browser: Any) -> None:
    browser = await staff_browser()
    page = await made(browser, rating="4")
    form = await browser.get(f"{page}/edit")
    assert 'value="4"' in form.text
    kept = dict(
        re.findall(r'name="(author|role|company|rating|url|image_url|position)" [^>]*value="([^"]*)"', form.text)
    )
    sent = {**kept, "quote": "Good.", "status": "pending", "company": "New"}
    answer = await browser.submit(f"{page}/edit", **sent)
    assert answer.status == 303, answer.text
    assert await db.fetch_value("SELECT rating FROM landing_testimonial") == 4
    assert await db.fetch_value("SELECT company FROM landing_testimonial") == "New"


async def test_a_refusal_stands_at_its_field_and_what_was_typed_is_kept(staff_browser: Any) -> None:
    browser = await staff_browser()
    answer = await browser.submit(f"{LIST}/new", author="", quote='Said "so"', rating="9", status="pending")
    assert answer.status == 422
    assert "What you typed is kept." in answer.text
    assert "Said &#34;so&#34;" in answer.text
    for name in ("author", "rating"):
        control = re.search(rf'<input [^>]*id="f-{name}"[^>]*>', answer.text)
        assert control
        assert 'aria-invalid="true"' in control[0]
    assert answer.text.count('class="error"') == 2
    unreadable = await browser.submit(f"{LIST}/new", author="A", quote="B", rating="five")
    assert (unreadable.status, "five is no number" in unreadable.text) == (422, True)
    assert await db.fetch_value("SELECT count(*) FROM landing_testimonial") == 0


async def test_two_who_change_the_same_thing_are_told(staff_browser: Any) -> None:
    browser = await staff_browser()
    page = await made(browser)
    form = await browser.get(f"{page}/edit")
    mine = {name: form.hidden(name) for name in ("csrf", "version")}
    await browser.submit(f"{page}/edit", author="First", quote="Good.", status="pending")
    late = await browser.send(f"{page}/edit", {**mine, "author": "Second", "quote": "Good.", "status": "pending"})
    assert late.status == 409, late.text
    assert "Somebody else changed this" in late.text
    assert 'value="Second"' in late.text
    again = {"csrf": mine["csrf"], "version": late.hidden("version")}
    assert (await browser.send(f"{page}/edit", {**again, "author": "Second", "quote": "Good."})).status == 303
    assert await db.fetch_value("SELECT author FROM landing_testimonial") == "Second"


async def test_what_is_never_shown_again_is_shown_after_the_form(staff_browser: Any) -> None:
    browser = await staff_browser()
    form = await browser.get("/admin/s/api-keys/new")
    sent = {"csrf": form.hidden("csrf"), "key": form.hidden("key"), "name": "till", "permissions": "audit.read"}
    answer = await browser.send("/admin/s/api-keys/new", sent)
    assert answer.status == 200, answer.text
    assert re.search(r"fk_[A-Za-z0-9_-]{43}", answer.text)
    assert "shown only now" in answer.text


async def test_lists_are_filtered_and_paged(staff_browser: Any) -> None:
    browser = await staff_browser()
    for number in range(21):
        await made(browser, author=f"Author {number:02}", status="published" if number == 3 else "pending")
    first = await browser.get(LIST)
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = await browser.get(unescape(following[1]))
    assert first.text.count("<tr>") - 1 == 20
    assert second.text.count("<tr>") - 1 == 1
    assert "First page" in second.text
    found = await browser.get(f"{LIST}?status=published")
    assert found.text.count("<tr>") - 1 == 1
    assert "Author 03" in found.text
    assert '<option value="published" selected>' in found.text
    wrong = await browser.get(f"{LIST}?status=%3Cscript%3E&cursor=zzz")
    assert wrong.status in (400, 422)
    assert "<script>" not in wrong.text


async def test_permissions_hide_and_refuse(staff_browser: Any) -> None:
    browser = await staff_browser("audit.read")
    home = (await browser.get("/admin")).text
    assert "/admin/s/audit-log" in home
    assert "/admin/s/testimonials" not in home
    for path in (LIST, f"{LIST}/new", f"{LIST}/i/1", f"{LIST}/i/1/edit", "/admin/s/api-keys", "/admin/s/nothing"):
        assert (await browser.get(path)).status == 404, path
    csrf = (await browser.get("/admin")).hidden("csrf")
    refused = await browser.send(f"{LIST}/new", {"csrf": csrf, "author": "A", "quote": "B"})
    assert refused.status == 404
    assert await db.fetch_value("SELECT count(*) FROM landing_testimonial") == 0


async def test_a_withdrawn_permission_is_gone_at_the_next_page(staff_browser: Any) -> None:
    browser = await staff_browser("audit.read")
    assert (await browser.get("/admin/s/audit-log")).status == 200
    await db.execute("UPDATE users_role SET permissions = '{}'")
    assert (await browser.get("/admin/s/audit-log")).status == 404


async def test_a_module_that_is_off_is_nowhere(staff_browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry()._offers
    on = [offer for offer in known[ADMIN_SECTIONS.name] if offer.module != "landing"]
    monkeypatch.setitem(known, ADMIN_SECTIONS.name, on)
    browser = await staff_browser()
    assert "testimonials" not in (await browser.get("/admin")).text
    assert (await browser.get(LIST)).status == 404


async def test_a_section_whose_route_is_missing_is_not_drawn(
    staff_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = {"en": "Ghosts", "es": "Fantasmas"}
    columns = (Column("name", title),)
    declare(AdminSection("ghosts", title, "/api/admin/ghosts", columns, title), monkeypatch)
    browser = await staff_browser()
    assert "Ghosts" not in (await browser.get("/admin")).text


@pytest.mark.parametrize("kind", KINDS)
async def test_hostile_text_executes_nothing_in_any_column(
    kind: Any, staff_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = {"en": "Hostile <b>", "es": "Hostil"}
    section = AdminSection(
        name="hostile",
        title=title,
        list_path="/api/admin/testimonials",
        item_path="/api/admin/testimonials/{id}",
        columns=(Column("quote", title, kind), Column("author", title)),
        empty=title,
        edit=Act("edit", title, "PATCH", "/api/admin/testimonials/{id}", confirm=title),
    )
    declare(section, monkeypatch)
    browser = await staff_browser()
    page = (await made(browser, quote=HOSTILE, author="</title><script>x")).replace("/testimonials/", "/hostile/")
    for path in ("/admin/s/hostile", page, f"{page}/edit"):
        shown = (await browser.get(path)).text
        bare = re.sub(r'<script src="/admin/static/[a-z.]*[?]v=[0-9a-f]*" defer></script>', "", shown)
        assert "<script" not in bare, path
        assert "Hostile <b>" not in bare
        assert not re.search(r"<[^>]*\son(error|mouseover)\s*=", re.sub(r'"[^"]*"', '""', bare)), path
        assert "onerror=alert(2)>" not in bare
        assert 'href="javascript:' not in bare


async def test_keys_lead_nowhere_else(staff_browser: Any) -> None:
    browser = await staff_browser()
    for key in ("..", ".", "%2e%2e%2forders", "a%2fb", "%00", "x" * 500, "%f0%9f%98%80"):
        assert (await browser.get(f"{LIST}/i/{key}")).status == 404, key


async def test_every_section_of_every_module_is_drawn(staff_browser: Any) -> None:
    browser = await staff_browser()
    for section in registry().all(ADMIN_SECTIONS):
        listed = await browser.get(f"/admin/s/{section.name}")
        assert listed.status == 200, (section.name, listed.text)
        if section.create:
            assert (await browser.get(f"/admin/s/{section.name}/new")).status == 200
        for act in section.acts:
            if "{" not in act.path:
                assert (await browser.get(f"/admin/s/{section.name}/do/{act.name}")).status == 200
