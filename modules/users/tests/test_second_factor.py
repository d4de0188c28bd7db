from __future__ import annotations

import asyncio

import pyotp
import pytest

from feria_core import clock as core_clock
from feria_core import db
from feria_core.auth import identify
from feria_core.runtime import settings
from feria_users.repository import accounts
from feria_users.repository import sessions as session_rows
from feria_users.repository import staff as staff_rows
from feria_users.service import guards, second_factor
from feria_users.service.staff import create_staff, demand_otp
from feria_users.settings import UsersSettings

PASSWORD = "correct horse battery"


class Authenticator:
    """A telephone: codes of the test's clock."""

    def __init__(self, secret, clock):
        self.totp, self.clock = pyotp.TOTP(secret), clock

    def code(self, steps=0):
        return self.totp.at(self.clock.at, counter_offset=steps)

    def wrong(self):
        near = {self.code(steps) for steps in range(-2, 3)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near)


@pytest.fixture
def enrol(clock):
    """Switch the factor on for a signed-in person; return the authenticator and the recovery codes."""

    async def on(client, password=PASSWORD):
        begun = await client.post("/api/users/me/otp", {"password": password})
        assert begun.status == 201, begun.json
        phone = Authenticator(begun.json["secret"], clock)
        confirmed = await client.post("/api/users/me/otp/confirm", {"code": phone.code()})
        assert confirmed.status == 200, confirmed.json
        clock.move(seconds=30)
        return phone, confirmed.json["recovery_codes"]

    return on


@pytest.fixture
def sign_in(client):
    async def post(otp=None, email="ana@example.org", password=PASSWORD):
        body = {"email": email, "password": password, **({"otp": otp} if otp is not None else {})}
        return await client.post("/api/auth/login", body)

    return post


async def test_it_is_in_force_only_once_confirmed(signed_in, sign_in, clock):
    ana = await signed_in()
    begun = await ana.client.post("/api/users/me/otp", {"password": PASSWORD})
    assert begun.json["otpauth_uri"].startswith("otpauth://totp/Feria:ana%40example.org?secret=")
    assert begun.json["secret"] in begun.json["otpauth_uri"]
    assert (await sign_in()).status == 200
    phone = Authenticator(begun.json["secret"], clock)
    wrong = await ana.client.post("/api/users/me/otp/confirm", {"code": phone.wrong()})
    assert (wrong.status, wrong.code) == (401, "invalid_otp")
    assert (await sign_in()).status == 200
    codes = (await ana.client.post("/api/users/me/otp/confirm", {"code": phone.code()})).json["recovery_codes"]
    assert len(set(codes)) == 10
    assert (await sign_in()).code == "otp_required"
    assert (await ana.client.get("/api/users/me")).json["otp_enabled"] is True


async def test_beginning_needs_the_password_and_no_factor(signed_in, enrol, client):
    ana = await signed_in()
    wrong = await ana.client.post("/api/users/me/otp", {"password": "a wrong password"})
    assert (wrong.status, wrong.code) == (401, "invalid_credentials")
    assert (await client.post("/api/users/me/otp", {"password": PASSWORD})).status == 401
    assert (await ana.client.post("/api/users/me/otp/confirm", {"code": "123456"})).code == "otp_not_on"
    await enrol(ana.client)
    assert (await ana.client.post("/api/users/me/otp", {"password": PASSWORD})).code == "otp_already_on"
    assert (await ana.client.post("/api/users/me/otp/confirm", {"code": "123456"})).code == "otp_already_on"


async def test_a_secret_waits_an_hour(signed_in, clock):
    ana = await signed_in()
    secret = (await ana.client.post("/api/users/me/otp", {"password": PASSWORD})).json["secret"]
    clock.move(minutes=14)
    fresh = (await ana.client.post("/api/users/me/otp", {"password": PASSWORD})).json["secret"]
    late = await ana.client.post("/api/users/me/otp/confirm", {"code": Authenticator(secret, clock).code()})
    assert late.code == "invalid_otp"
    await db.execute("UPDATE users_otp SET created_at = created_at - interval '2 hours'")
    code = Authenticator(fresh, clock).code()
    assert (await ana.client.post("/api/users/me/otp/confirm", {"code": code})).code == "otp_not_on"


async def test_nothing_tells_of_the_factor_before_the_password_is_right(signed_in, enrol, sign_in):
    ana = await signed_in()
    phone, codes = await enrol(ana.client)
    plain = await sign_in(email="nobody@example.org", password="a wrong password")
    for otp in (None, phone.code(), phone.wrong(), codes[0], ""):
        wrong = await sign_in(otp, password="a wrong password")
        assert (wrong.status, wrong.code) == (401, "invalid_credentials")
        assert wrong.json["detail"] == plain.json["detail"]
    assert (await sign_in()).code == "otp_required"
    assert (await sign_in("")).code == "otp_required"
    assert (await sign_in(phone.wrong())).code == "invalid_otp"
    # None of the wrong logins used the code up.
    assert (await sign_in(phone.code())).status == 200


async def test_a_code_is_good_once_and_not_after_a_later_one(signed_in, enrol, sign_in, clock):
    phone, _ = await enrol((await signed_in()).client)
    clock.move(seconds=300)
    before, code = phone.code(-1), phone.code()
    assert (await sign_in(code)).status == 200
    assert (await sign_in(code)).code == "invalid_otp"
    assert (await sign_in(before)).code == "invalid_otp"
    assert (await sign_in(phone.code(1))).status == 200
    clock.move(seconds=30)
    assert (await sign_in(phone.code())).code == "invalid_otp"


async def test_the_code_that_confirmed_is_used_up(signed_in, sign_in, clock):
    ana = await signed_in()
    begun = await ana.client.post("/api/users/me/otp", {"password": PASSWORD})
    phone = Authenticator(begun.json["secret"], clock)
    assert (await ana.client.post("/api/users/me/otp/confirm", {"code": phone.code()})).status == 200
    assert (await sign_in(phone.code())).code == "invalid_otp"


async def test_one_step_around_now_is_taken_and_no_more(signed_in, enrol, sign_in, clock):
    phone, _ = await enrol((await signed_in()).client)
    clock.move(seconds=600)
    assert (await sign_in(phone.code(-2))).code == "invalid_otp"
    assert (await sign_in(phone.code(2))).code == "invalid_otp"
    assert (await sign_in(phone.code(-1))).status == 200
    assert (await sign_in(phone.code(1))).status == 200


async def test_twins_with_one_code_get_one_login(signed_in, enrol, sign_in, monkeypatch):
    phone, _ = await enrol((await signed_in()).client)
    code = phone.code()
    answers = await asyncio.gather(*(sign_in(code) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 7
    assert {answer.code for answer in answers if answer.status != 200} == {"invalid_otp"}


async def test_a_recovery_code_is_good_once_for_twenty_at_once(signed_in, enrol, sign_in):
    _, codes = await enrol((await signed_in()).client)
    answers = await asyncio.gather(*(sign_in(codes[0]) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 19
    assert (await sign_in(codes[1].lower().replace("-", " "))).status == 200
    assert await db.fetch_value("SELECT count(*) FROM users_recovery_code WHERE used_at IS NULL") == 8


async def test_a_recovery_code_of_another_account_opens_nothing(signed_in, enrol, sign_in):
    _, codes = await enrol((await signed_in()).client)
    await enrol((await signed_in("bea@example.org")).client)
    assert (await sign_in(codes[0], email="bea@example.org")).code == "invalid_otp"
    assert (await sign_in(codes[0])).status == 200


async def test_recovery_codes_are_stored_hashed_and_the_secret_leaves_with_the_factor(signed_in, enrol):
    ana = await signed_in()
    _, codes = await enrol(ana.client)
    rows = await db.fetch_all("SELECT hash::text AS hash FROM users_recovery_code")
    assert not any(code.replace("-", "")[:6] in row["hash"] for code in codes for row in rows)
    assert (await ana.client.delete("/api/users/me/otp", json={"password": PASSWORD})).status == 204
    assert await db.fetch_value("SELECT count(*) FROM users_otp") == 0
    assert await db.fetch_value("SELECT count(*) FROM users_recovery_code") == 0


async def test_guessing_codes_ends_and_recovery_codes_still_open(signed_in, enrol, sign_in, clock):
    phone, codes = await enrol((await signed_in()).client)
    allowed = settings(UsersSettings).otp_failures
    answers = [await sign_in(phone.wrong()) for _ in range(allowed + 3)]
    assert [answer.code for answer in answers] == ["invalid_otp"] * allowed + ["rate_limited"] * 3
    assert (await sign_in(phone.code())).code == "rate_limited"
    assert (await sign_in(codes[0])).status == 200
    clock.move(minutes=16)
    assert (await sign_in(phone.code())).status == 200


async def test_codes_are_counted_from_every_address_together(signed_in, enrol, sign_in, monkeypatch):
    phone, _ = await enrol((await signed_in()).client)
    addresses = iter(f"192.0.2.{n}" for n in range(1, 255))
    current = ["192.0.2.1"]
    monkeypatch.setattr(guards, "client_address", lambda: current[0])
    statuses = []
    for _ in range(settings(UsersSettings).otp_failures * 2):
        current[0] = next(addresses)
        statuses.append((await sign_in(phone.wrong())).status)
    assert statuses.count(401) == settings(UsersSettings).otp_failures


async def test_who_lacks_the_password_cannot_shut_the_owner_out(signed_in, enrol, sign_in):
    """Neither by wrong passwords with codes, nor by codes tried in a stolen session."""
    ana = await signed_in()
    phone, _ = await enrol(ana.client)
    for _ in range(settings(UsersSettings).otp_failures + 2):
        await ana.client.delete("/api/users/me/otp", json={"code": phone.wrong()})
    for _ in range(15):
        assert (await sign_in(phone.wrong(), password="a wrong password")).status == 401
    assert (await sign_in(phone.code())).status == 200


async def test_taking_it_off_needs_proof(signed_in, enrol, client, sign_in, clock):
    ana = await signed_in()
    phone, codes = await enrol(ana.client)
    assert (await ana.client.delete("/api/users/me/otp", json={})).status == 422
    wrong = await ana.client.delete("/api/users/me/otp", json={"password": "a wrong one"})
    assert wrong.code == "invalid_credentials"
    assert (await ana.client.delete("/api/users/me/otp", json={"code": phone.wrong()})).code == "invalid_otp"
    both = {"password": PASSWORD, "code": phone.wrong()}
    assert (await ana.client.delete("/api/users/me/otp", json=both)).code == "invalid_otp"
    assert (await ana.client.delete("/api/users/me/otp", json={"code": phone.code()})).status == 204
    assert (await ana.client.delete("/api/users/me/otp", json={"password": PASSWORD})).code == "otp_not_on"
    assert (await sign_in()).status == 200
    clock.move(seconds=60)
    _, codes = await enrol(ana.client)
    assert (await ana.client.delete("/api/users/me/otp", json={"code": codes[3]})).status == 204


async def test_the_password_alone_does_not_take_it_off_in_a_session_without_it(signed_in, enrol):
    """Such a session is one of an old process that still runs during an upgrade."""
    ana = await signed_in()
    phone, _ = await enrol(ana.client)
    await db.execute("UPDATE users_session SET second_factor = false")
    for method, path in (("DELETE", "/api/users/me/otp"), ("POST", "/api/users/me/otp/recovery-codes")):
        answer = await ana.client.call(method, path, json={"password": PASSWORD})
        assert (answer.status, answer.code) == (401, "otp_required")
    assert (await ana.client.delete("/api/users/me/otp", json={"code": phone.code()})).status == 204


async def test_fresh_recovery_codes_end_the_old_ones(signed_in, enrol, sign_in):
    ana = await signed_in()
    path = "/api/users/me/otp/recovery-codes"
    assert (await ana.client.post(path, {"password": PASSWORD})).code == "otp_not_on"
    _, old = await enrol(ana.client)
    assert (await ana.client.post(path, {"password": "a wrong one"})).code == "invalid_credentials"
    fresh = (await ana.client.post(path, {"password": PASSWORD})).json["recovery_codes"]
    assert (await sign_in(old[0])).code == "invalid_otp"
    assert (await sign_in(fresh[0])).status == 200


async def test_switching_it_on_ends_other_sessions_and_tells_the_owner(signed_in, login, client, enrol, mails):
    ana = await signed_in()
    other = client.signed_in((await login()).json["access_token"])
    await enrol(ana.client)
    assert (await other.get("/api/users/me")).status == 401
    assert (await ana.client.get("/api/users/me")).status == 200
    assert "second factor switched on" in (await mails())[-1]["subject"]
    await ana.client.delete("/api/users/me/otp", json={"password": PASSWORD})
    assert "second factor switched off" in (await mails())[-1]["subject"]


async def test_a_login_that_meets_the_switching_on_opens_no_session(signed_in, enrol, sign_in, monkeypatch, client):
    """It looked at the account before, and opens the session after."""
    ana = await signed_in()
    seen = await accounts.by_email("ana@example.org")
    await enrol(ana.client)

    async def as_before(_):
        return seen

    monkeypatch.setattr(guards, "account_behind", as_before)
    assert (await sign_in()).code == "invalid_credentials"


async def test_a_refresh_keeps_what_the_session_has_shown(signed_in, enrol, sign_in, client):
    phone, _ = await enrol((await signed_in()).client)
    tokens = (await sign_in(phone.code())).json
    fresh = (await client.post("/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})).json
    assert await db.fetch_value("SELECT bool_and(second_factor) FROM users_session WHERE revoked_at IS NULL")
    gone = await client.signed_in(fresh["access_token"]).delete("/api/users/me/otp", json={"password": PASSWORD})
    assert gone.status == 204


ODD = ["1234567890", "\u0661\u0662\u0663\u0664\u0665\u0666", "\U0001f600", "1" * 64, "-", " "]


@pytest.mark.parametrize("otp", ODD)
async def test_odd_codes_are_refused(signed_in, enrol, sign_in, otp):
    await enrol((await signed_in()).client)
    answer = await sign_in(otp)
    assert answer.code == ("otp_required" if not otp.strip() else "invalid_otp")


# --- roles that demand it


@pytest.fixture
async def editor(client, database):
    """A member of staff with the role `editor`, signed in."""
    await create_staff(email="ed@example.org", password=PASSWORD)
    await staff_rows.ensure_role("editor", ["users.read"], now=core_clock.now())
    await db.execute("UPDATE users_staff SET role_id = (SELECT id FROM users_role WHERE name = 'editor')")
    answer = await client.post("/api/auth/login", {"email": "ed@example.org", "password": PASSWORD})
    return answer.json["access_token"]


async def permissions(token):
    return (await identify(f"Bearer {token}")).permissions


async def test_a_role_that_demands_it_gives_nothing_without(client, editor, enrol, sign_in):
    assert await permissions(editor) == {"users.read"}
    await demand_otp("editor", is_demanded=True)
    # The session that was opened before the demand is no way around it.
    assert await permissions(editor) == frozenset()
    ed = client.signed_in(editor)
    me = (await ed.get("/api/users/me")).json
    assert (me["otp_required"], me["otp_enabled"], me["permissions"], me["kind"]) == (True, False, [], "staff")
    phone, codes = await enrol(ed)
    assert await permissions(editor) == {"users.read"}
    assert (await ed.get("/api/users/me")).json["otp_required"] is False
    again = (await sign_in(phone.code(), email="ed@example.org")).json["access_token"]
    assert await permissions(again) == {"users.read"}
    assert (await ed.delete("/api/users/me/otp", json={"code": codes[0]})).status == 204
    # Without the factor both sessions are worth nothing, though they were opened with it.
    assert (await permissions(editor), await permissions(again)) == (frozenset(), frozenset())


async def test_a_session_opened_without_it_stays_without_permissions(client, editor, enrol, login):
    await demand_otp("editor", is_demanded=True)
    other = (await login("ed@example.org")).json["access_token"]
    await enrol(client.signed_in(editor))
    # As if it had not been ended: what the session has shown counts, not what the account has.
    await db.execute("UPDATE users_session SET revoked_at = NULL")
    assert await permissions(other) == frozenset()
    assert (await client.signed_in(other).get("/api/users/me")).json["otp_required"] is True
    await demand_otp("editor", is_demanded=False)
    assert await permissions(other) == {"users.read"}


async def test_one_role_of_two_that_demands_it_is_enough(editor):
    await create_staff(email="ed@example.org", password=PASSWORD)
    assert await db.fetch_value("SELECT count(*) FROM users_staff") == 2
    account_id = await db.fetch_value("SELECT id FROM users_account")
    await demand_otp("editor", is_demanded=True)
    await db.execute("UPDATE users_session SET revoked_at = NULL")
    row = await session_rows.principal(
        await db.fetch_value("SELECT id FROM users_session"), account_id, now=core_clock.now()
    )
    assert row["lacks_otp"]


async def test_making_staff_anew_takes_the_factor_off(signed_in, enrol, sign_in):
    await enrol((await signed_in()).client)
    await create_staff(email="ana@example.org", password=PASSWORD)
    assert (await sign_in()).status == 200


def test_matching_is_by_the_published_values():
    """RFC 6238, appendix B, its SHA-1 row at 59 s, cut to six digits."""
    from datetime import UTC, datetime

    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert second_factor.matching_step(secret, "287082", now=datetime.fromtimestamp(59, UTC)) == 1
    assert second_factor.matching_step(secret, "287082", now=datetime.fromtimestamp(120, UTC)) is None
